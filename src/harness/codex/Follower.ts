/**
 * What Codex does, read from what its screen (the TUI) and its app-server say to each other. Pure: lines in, what they mean out.
 *
 * Invariants: 1. the agent's thread is the one that the screen shows: what the server answered last to the screen's
 * `thread/start`, `thread/resume` or `thread/fork`; threads that are not stored (titles, summaries) and those of sub-agents are
 * nobody's · 2. a user's message is taken when its item is completed, and told with the id its sender gave it · 3. a request of
 * the server to its client is what a person is asked, until it is answered, resolved or its turn is over · 4. a state is told
 * when it changes, and none before a thread is shown.
 */
import type { Asking } from "../../domain/Receipt.ts"
import type { ProgramState, Signal } from "../Channel.ts"
import type { Message, RequestId } from "./frames.ts"
import * as frames from "./frames.ts"

export interface TurnEnded {
  readonly _tag: "TurnEnded"
  readonly turnId: string
  readonly interrupted: boolean
}

/** The screen shows this thread now. `resumed`: it is one of before. */
export interface Shown {
  readonly _tag: "Shown"
  readonly threadId: string
  readonly resumed: boolean
}

/** The relay's tools were started, or will not be. */
export interface ToolsSettled {
  readonly _tag: "ToolsSettled"
}

export type Told = Extract<Signal, { readonly _tag: "Taken" | "State" }> | TurnEnded | Shown | ToolsSettled

export interface Follower {
  /** A line of the screen to its server. */
  readonly fromScreen: (line: string) => ReadonlyArray<Told>
  /** A line of the server to the screen. */
  readonly fromServer: (line: string) => ReadonlyArray<Told>
  /** The server or the connection is gone: nothing is asked any more, and nothing goes in until a thread is shown again. */
  readonly lost: () => ReadonlyArray<Told>
  /** The thread that is shown, while it can be spoken to. */
  readonly threadId: () => string | undefined
  /** The turn that runs in it. */
  readonly turnId: () => string | undefined
  /** The tools' server has been started and has not said how that went. */
  readonly toolsAreStarting: () => boolean
}

/** Requests of the screen whose answers say which thread it shows. */
const shows = new Set(["thread/start", "thread/resume", "thread/fork"])

/** What the server asks a person by way of its client, as far as it waits for the answer. */
const asks: ReadonlyArray<readonly [method: RegExp, what: Asking]> = [
  [/approval$/i, "permission"],
  [/requestUserInput$|elicitation\/request$/i, "question"]
]

/** Notifications that say something; all others are the screen's alone. */
const telling = new Set([
  "thread/status/changed",
  "turn/started",
  "turn/completed",
  "item/completed",
  "serverRequest/resolved",
  "mcpServer/startupStatus/updated"
])

interface Ask {
  readonly what: Asking
  readonly detail: string | undefined
  readonly turnId: string | null
}

interface Thread {
  busy: boolean
  turnId: string | undefined
}

/** Threads that are remembered beside the shown one: a person may go back to them. */
const mostThreads = 50
const longestDetail = 200

const detailOf = (params: unknown): string | undefined => {
  const about = frames.readAbout(params)
  const said = about?.command ?? about?.questions[0]?.question ?? about?.message ?? about?.reason
  return said?.replace(/\s+/g, " ").trim().slice(0, longestDetail)
}

/** `toolsServer`: the name under which the relay's tools are registered. */
export const make = (toolsServer: string): Follower => {
  const threads = new Map<string, Thread>()
  const asked = new Map<RequestId, Ask>()
  /** Open requests of the screen: those that show a thread, and those that begin a turn. */
  const showing = new Map<RequestId, { readonly resumed: boolean }>()
  const starting = new Map<RequestId, string>()
  let shown: string | undefined
  let tools: "unknown" | "starting" | "settled" = "unknown"
  let told: string | undefined

  const threadOf = (id: string): Thread => {
    const known = threads.get(id)
    if (known !== undefined) return known
    const oldest = [...threads.keys()].find((key) => key !== shown)
    if (threads.size >= mostThreads && oldest !== undefined) threads.delete(oldest)
    const thread: Thread = { busy: false, turnId: undefined }
    threads.set(id, thread)
    return thread
  }

  const stateNow = (): ProgramState | undefined => {
    if (shown === undefined) return told === undefined ? undefined : { _tag: "Busy" }
    const [ask] = asked.values()
    if (ask !== undefined) {
      return { _tag: "Asking", what: ask.what, ...(ask.detail === undefined ? {} : { detail: ask.detail }) }
    }
    const isBusy = threadOf(shown).busy || [...starting.values()].includes(shown)
    return { _tag: isBusy ? "Busy" : "Idle" }
  }

  const withState = (before: ReadonlyArray<Told>): ReadonlyArray<Told> => {
    const state = stateNow()
    const next = state === undefined ? undefined : JSON.stringify(state)
    if (state === undefined || next === told) return before
    told = next
    return [...before, { _tag: "State", state }]
  }

  const onShown = (result: unknown, resumed: boolean): ReadonlyArray<Told> => {
    const thread = frames.readThreadAnswer(result)?.thread
    if (thread === undefined || thread.ephemeral || thread.parentThreadId !== null) return []
    shown = thread.id
    if (thread.status !== undefined) threadOf(thread.id).busy = thread.status.type === "active"
    return [{ _tag: "Shown", threadId: thread.id, resumed }]
  }

  const onNotification = (method: string, params: unknown): ReadonlyArray<Told> => {
    switch (method) {
      case "thread/status/changed": {
        const change = frames.readStatusChange(params)
        if (change === undefined) return []
        const thread = threadOf(change.threadId)
        thread.busy = change.status.type === "active"
        if (!thread.busy) thread.turnId = undefined
        return []
      }
      case "turn/started": {
        const started = frames.readTurn(params)
        if (started !== undefined) Object.assign(threadOf(started.threadId), { busy: true, turnId: started.turn.id })
        return []
      }
      case "turn/completed": {
        const ended = frames.readTurn(params)
        if (ended === undefined) return []
        const thread = threadOf(ended.threadId)
        if (thread.turnId === undefined || thread.turnId === ended.turn.id) {
          Object.assign(thread, { busy: false, turnId: undefined })
        }
        for (const [id, { turnId }] of asked) if (turnId === ended.turn.id) asked.delete(id)
        return [{ _tag: "TurnEnded", turnId: ended.turn.id, interrupted: ended.turn.status === "interrupted" }]
      }
      case "item/completed": {
        const id = frames.readItem(params)?.item.clientId
        return typeof id === "string" ? [{ _tag: "Taken", which: { id }, proof: "taken_with_id" }] : []
      }
      case "serverRequest/resolved": {
        const resolved = frames.readResolved(params)
        if (resolved !== undefined) asked.delete(resolved.requestId)
        return []
      }
      case "mcpServer/startupStatus/updated": {
        const state = frames.readToolsState(params)
        if (state?.name !== toolsServer || tools === "settled") return []
        tools = state.status === "starting" ? "starting" : "settled"
        return tools === "settled" ? [{ _tag: "ToolsSettled" }] : []
      }
      default:
        return []
    }
  }

  const onAsked = (id: RequestId, method: string, params: unknown) => {
    const what = asks.find(([pattern]) => pattern.test(method))?.[1]
    if (what === undefined || frames.readAbout(params)?.isBlocking === false) return
    asked.set(id, { what, detail: detailOf(params), turnId: frames.readAbout(params)?.turnId ?? null })
  }

  const onServerMessage = (message: Message): ReadonlyArray<Told> => {
    switch (message._tag) {
      case "Notification":
        return onNotification(message.method, message.params)
      case "Request":
        onAsked(message.id, message.method, message.params)
        return []
      case "Answer":
      case "Refusal": {
        const started = starting.get(message.id)
        const call = showing.get(message.id)
        starting.delete(message.id)
        showing.delete(message.id)
        // Its turn is running now, and is told as such a moment later.
        if (message._tag === "Answer" && started !== undefined) {
          const turnId = frames.readTurnAnswer(message.result)?.turn.id
          if (turnId !== undefined) Object.assign(threadOf(started), { busy: true, turnId })
        }
        return message._tag === "Answer" && call !== undefined ? onShown(message.result, call.resumed) : []
      }
    }
  }

  const concerns = (line: string): boolean => {
    const beginning = frames.beginningOf(line)
    if (beginning === undefined) return false
    if ("answer" in beginning) return showing.has(beginning.answer) || starting.has(beginning.answer)
    return telling.has(beginning.method) || asks.some(([pattern]) => pattern.test(beginning.method))
  }

  return {
    fromServer: (line) => {
      if (!concerns(line)) return []
      const message = frames.readMessage(line)
      return message === undefined ? [] : withState(onServerMessage(message))
    },
    fromScreen: (line) => {
      const message = frames.readMessage(line)
      if (message === undefined || message._tag === "Notification") return []
      if (message._tag !== "Request") {
        asked.delete(message.id)
        return withState([])
      }
      if (shows.has(message.method)) showing.set(message.id, { resumed: message.method !== "thread/start" })
      if (message.method === "turn/start") {
        const threadId = frames.readThreadOf(message.params)?.threadId
        if (threadId !== undefined && threadId === shown) starting.set(message.id, threadId)
      }
      return withState([])
    },
    lost: () => {
      for (const table of [threads, asked, showing, starting]) table.clear()
      shown = undefined
      if (tools === "starting") tools = "unknown"
      return withState([])
    },
    threadId: () => shown,
    turnId: () => (shown === undefined ? undefined : threads.get(shown)?.turnId),
    toolsAreStarting: () => tools === "starting"
  }
}
