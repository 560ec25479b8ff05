/**
 * `codex app-server` in memory, as codex 0.171.0 was recorded: which lines it writes, in which order, and what it refuses. A test
 * drives the rest: when a turn ends, what it asks, when it dies. Its screen (the TUI) is a test's own.
 */
import * as Deferred from "effect/Deferred"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"

export interface FakeCodexServer {
  readonly pid: number
  readonly listen: (listener: (line: string) => void) => void
  readonly send: (line: string) => void
  readonly pause: (paused: boolean) => void
  readonly gone: Effect.Effect<string>
  /** Every line it got, parsed. */
  readonly received: ReadonlyArray<FakeRequest>
  readonly isPaused: () => boolean
  /** The running turn comes to an end; what was steered into it and waits goes in first. */
  readonly endTurn: (status?: "completed" | "failed") => void
  /** It asks its client, and takes no input into the turn meanwhile. */
  readonly ask: (method: string, params?: Readonly<Record<string, unknown>>) => number
  /** A turn that takes no input. */
  readonly compact: () => void
  readonly notify: (method: string, params: unknown) => void
  /** Answers no request any more, without dying. */
  readonly fallSilent: () => void
  readonly die: (why?: string) => void
}

export interface FakeRequest {
  readonly id?: number | string
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: unknown
}

interface Item {
  readonly turnId: string
  readonly item: { readonly type: "userMessage"; readonly clientId: string | null; readonly content: unknown }
}

/** What is kept on disk, over the deaths of servers. */
export interface FakeCodexHome {
  readonly threads: Map<string, Array<Item>>
}

export const makeHome = (): FakeCodexHome => ({ threads: new Map() })

let pids = 40_000
let threadIds = 0

export const make = (home: FakeCodexHome = makeHome()): FakeCodexServer => {
  const received: Array<FakeRequest> = []
  const died = Deferred.unsafeMake<string>(FiberId.none)
  let listener: (line: string) => void = () => {}
  let paused = false
  let silent = false
  let dead = false
  let turnIds = 0
  let asks = 0
  let threadId: string | undefined
  let turn: { readonly id: string; readonly kind: "regular" | "compact" } | undefined
  let asking: number | undefined
  let pending: Array<{ readonly clientId: string | null; readonly content: unknown }> = []

  const write = (message: unknown) => {
    if (!dead && !silent) listener(JSON.stringify(message))
  }
  const notify = (method: string, params: unknown) => write({ method, params, emittedAtMs: 1 })
  const answer = (id: number | string, result: unknown) => write({ id, result })
  const refuse = (id: number | string, code: number, message: string) => write({ error: { code, message }, id })
  const status = (type: string, flags: ReadonlyArray<string> = []) =>
    notify("thread/status/changed", {
      threadId,
      status: type === "active" ? { type, activeFlags: flags } : { type }
    })
  const turnOf = (id: string, state: string) => ({
    id,
    rootTurnId: id,
    items: [],
    itemsView: "notLoaded",
    status: state
  })
  const thread = (id: string, type: string) => ({
    ...{ id, sessionId: id, ephemeral: false, parentThreadId: null, source: "vscode", threadSource: "user" },
    status: type === "active" ? { type, activeFlags: [] } : { type }
  })

  const takeIn = (input: { readonly clientId: string | null; readonly content: unknown }) => {
    if (threadId === undefined || turn === undefined) return
    const item = { type: "userMessage" as const, id: "i", ...input }
    const items = home.threads.get(threadId) ?? []
    items.push({ turnId: turn.id, item })
    home.threads.set(threadId, items)
    const about = { threadId, turnId: turn.id }
    notify("item/started", { item, ...about })
    notify("item/completed", { item, ...about })
  }
  const begin = (kind: "regular" | "compact") => {
    turn = { id: `turn-${++turnIds}`, kind }
    return turn
  }
  const announce = ({ id }: { readonly id: string }) => {
    status("active")
    notify("turn/started", { threadId, turn: turnOf(id, "inProgress") })
  }
  const finish = (state: string) => {
    if (turn === undefined) return
    const { id } = turn
    turn = undefined
    asking = undefined
    pending = []
    status(state === "failed" ? "systemError" : "idle")
    notify("turn/completed", { threadId, turn: turnOf(id, state) })
  }

  const onRequest = (id: number | string, method: string, params: Readonly<Record<string, unknown>>) => {
    const input = () => ({
      clientId: (params["clientUserMessageId"] ?? null) as string | null,
      content: params["input"]
    })
    const offer = () => {
      if (asking === undefined) takeIn(input())
      else pending.push(input())
    }
    switch (method) {
      case "initialize":
        return answer(id, { userAgent: "codex-tui/0.171.0", codexHome: "/home/.codex" })
      case "thread/start": {
        const fresh = `thread-${++threadIds}`
        if (params["ephemeral"] === true) {
          const side = { ...thread(fresh, "idle"), ephemeral: true, threadSource: "thread_title" }
          answer(id, { thread: side })
          return notify("thread/started", { thread: side })
        }
        threadId = fresh
        answer(id, { thread: thread(fresh, "idle"), model: "gpt-5.4" })
        return notify("thread/started", { thread: thread(fresh, "idle") })
      }
      case "thread/resume": {
        const wanted = String(params["threadId"])
        if (!home.threads.has(wanted)) return refuse(id, -32600, `no rollout found for thread id ${wanted}`)
        threadId = wanted
        status("idle")
        return answer(id, { thread: thread(wanted, "idle"), model: "gpt-5.4" })
      }
      case "turn/start": {
        if (turn?.kind === "compact") {
          return refuse(id, -32603, "failed to submit turn input: ActiveTurnNotSteerable { turn_kind: Compact }")
        }
        if (turn !== undefined) {
          answer(id, { turn: turnOf(turn.id, "inProgress") })
          return offer()
        }
        const begun = begin("regular")
        answer(id, { turn: turnOf(begun.id, "inProgress") })
        announce(begun)
        return takeIn(input())
      }
      case "turn/steer": {
        if (turn === undefined) return refuse(id, -32600, "no active turn to steer")
        if (turn.kind === "compact") return refuse(id, -32600, "cannot steer a compact turn")
        if (params["expectedTurnId"] !== turn.id) {
          return refuse(
            id,
            -32600,
            `expected active turn id \`${String(params["expectedTurnId"])}\` but found \`${turn.id}\``
          )
        }
        answer(id, { turnId: turn.id })
        return offer()
      }
      case "turn/interrupt":
        if (turn === undefined) return refuse(id, -32600, "no active turn to interrupt")
        finish("interrupted")
        return answer(id, {})
      case "thread/items/list": {
        const items = home.threads.get(String(params["threadId"]))
        if (items === undefined) return refuse(id, -32601, "thread/items/list is not supported yet")
        const limit = Number(params["limit"] ?? 25)
        const from = Number(params["cursor"] ?? 0)
        const data = items.toReversed().slice(from, from + limit)
        return answer(id, { data, nextCursor: from + limit < items.length ? String(from + limit) : null })
      }
      default:
        return answer(id, {})
    }
  }

  return {
    pid: ++pids,
    received,
    listen: (next) => {
      listener = next
    },
    send: (line) => {
      if (dead) return
      const message: FakeRequest = JSON.parse(line)
      received.push(message)
      const { id, method, params = {} } = message
      if (silent) return
      if (method === undefined) {
        if (id !== asking) return
        asking = undefined
        notify("serverRequest/resolved", { threadId, requestId: id })
        status("active")
        for (const input of pending.splice(0)) takeIn(input)
        return
      }
      if (id !== undefined) onRequest(id, method, params)
    },
    pause: (next) => {
      paused = next
    },
    isPaused: () => paused,
    gone: Deferred.await(died),
    endTurn: (state = "completed") => {
      for (const input of pending.splice(0)) takeIn(input)
      finish(state)
    },
    ask: (method, params = {}) => {
      asking = asks++
      status("active", ["waitingOnApproval"])
      write({ method, id: asking, params: { threadId, turnId: turn?.id, itemId: "call-1", ...params } })
      return asking
    },
    compact: () => announce(begin("compact")),
    notify,
    fallSilent: () => {
      silent = true
    },
    die: (why = "killed") => {
      dead = true
      Deferred.unsafeDone(died, Exit.succeed(why))
    }
  }
}
