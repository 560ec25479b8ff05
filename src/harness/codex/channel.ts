/**
 * Codex by its own app-server. The screen (TUI) is started as `codex --remote unix://…` and connects to us; its lines go to an
 * app-server of this agent and back as they are, and ours go in between with ids of our own. So the server has one client, the
 * screen: what it asks a person, the person is asked there, and nobody else can answer.
 *
 * Invariants: 1. a request of the server is never answered here · 2. every try of a message carries its own id, and counts as
 * taken only when the server says that a user's message has it · 3. what was handed to a running turn and is not in its thread
 * when the turn is over was dropped by codex (0.171: at an interrupt), and is given back · 4. when the server dies, the
 * screen connects again by itself and resumes its thread (0.171): it gets a new server, and what was on its way is looked up.
 */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as FiberSet from "effect/FiberSet"
import * as Scope from "effect/Scope"
import type { MessageId } from "../../domain/Ids.ts"
import {
  type Batch,
  type Channel,
  ChannelUnavailable,
  type Looked,
  messageIdsIn,
  NotTaken,
  type OpenedChannel,
  PutUncertain,
  type Signal
} from "../Channel.ts"
import type { AppServer } from "./AppServer.ts"
import * as Door from "./Door.ts"
import * as Follower from "./Follower.ts"
import * as frames from "./frames.ts"

export interface CodexChannelOptions {
  readonly start: Effect.Effect<AppServer, string, Scope.Scope>
  /** Private, of this agent. */
  readonly directory: string
  /** The name of the relay's tools among the MCP servers; the first message waits until they are there. */
  readonly toolsServer: string
  /** A session that should have gone on and is not there. */
  readonly lostSession: string | undefined
}

/** The server that serves the screen now, and our own requests to it. */
interface Link {
  readonly server: AppServer
  readonly calls: Map<frames.RequestId, (answer: Effect.Effect<unknown, Refused | Lost>) => void>
}

/** The server's own answer. */
class Refused extends Data.TaggedError("Refused")<{ readonly code: number; readonly message: string }> {}
/** It ended before it answered; `sent`: it had the request. */
class Lost extends Data.TaggedError("Lost")<{ readonly sent: boolean }> {}

/** A try that was handed in and not proven yet. */
interface Outstanding {
  readonly id: string
  readonly threadId: string
  turnId: string | undefined
  /** It joined a turn that ran already. */
  joined: boolean
}

const name = "app_server"
const ownId = "relay:"
/** Low: the first message comes before its tools; high: tools that never come hold it (codex gives them up after 30 s). */
const toolsMillis = 10_000
/** A new server is started so often without one that came to show a thread. */
const mostFailures = 5
const pageSize = 100
/** 5,000 items: the tail of a long session. What was on its way when a broker died is at its very end. */
const mostPages = 50
/** Asked after a start: the screen may wait for a person before it has a thread. */
const lookupMillis = 30_000

const input = (text: string) => [{ type: "text", text, text_elements: [] }]

export const open = (options: CodexChannelOptions): Effect.Effect<OpenedChannel, ChannelUnavailable, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const run = yield* FiberSet.makeRuntime<never>()
    const follower = Follower.make(options.toolsServer)
    const hasThread = yield* Effect.makeLatch(false)
    const toolsSettled = yield* Deferred.make<void>()
    const outstanding = new Map<string, Outstanding>()
    /** Who waits for a turn to be over. */
    const endings = new Map<string, Deferred.Deferred<void>>()
    const untold: Array<Signal> = []
    let tell: (signal: Signal) => void = (signal) => void untold.push(signal)
    let link: Link | undefined
    let session: string | undefined
    let failures = 0
    let calls = 0

    // Our requests.

    const call = (method: string, params: unknown): Effect.Effect<unknown, Refused | Lost> =>
      Effect.async((resume) => {
        if (link === undefined) return resume(Effect.fail(new Lost({ sent: false })))
        const id = `${ownId}${++calls}`
        const { calls: waiting, server } = link
        waiting.set(id, resume)
        server.send(frames.requestLine(id, method, params))
        return Effect.sync(() => void waiting.delete(id))
      })

    const onOwnAnswer = ({ calls: waiting }: Link, line: string) => {
      const message = frames.readMessage(line)
      if (message?._tag !== "Answer" && message?._tag !== "Refusal") return
      const resume = waiting.get(message.id)
      waiting.delete(message.id)
      resume?.(message._tag === "Answer" ? Effect.succeed(message.result) : Effect.fail(new Refused(message)))
    }

    // What a thread holds.

    const page = (threadId: string, limit: number, cursor: string | null) =>
      Effect.map(call("thread/items/list", { threadId, limit, cursor, sortDirection: "desc" }), (answer) => {
        const { data = [], nextCursor = null } = frames.readItemsPage(answer) ?? {}
        return { messages: data.flatMap(({ item }) => frames.readUserMessage(item) ?? []), nextCursor }
      })

    /** Looks a try up whose turn is over. Without an answer it stays outstanding. */
    const settle = (one: Outstanding, mayReturn: boolean) =>
      Effect.gen(function* () {
        const { messages } = yield* page(one.threadId, pageSize, null)
        if (!outstanding.has(one.id)) return
        const isThere = messages.some(({ clientId }) => clientId === one.id)
        if (!isThere && !mayReturn) return
        outstanding.delete(one.id)
        const which = { id: one.id }
        tell(isThere ? { _tag: "Taken", which, proof: "taken_with_id" } : { _tag: "Returned", which })
      }).pipe(
        Effect.catchAll((failure) =>
          failure._tag === "Lost" ? Effect.void : Effect.logDebug(`thread of codex not read: ${failure.message}`)
        )
      )

    // What is told.

    const onTold = (told: Follower.Told) => {
      switch (told._tag) {
        case "State":
          return tell(told)
        case "Taken":
          if ("id" in told.which) outstanding.delete(told.which.id)
          return tell(told)
        case "ToolsSettled":
          return void Deferred.unsafeDone(toolsSettled, Exit.void)
        case "Shown": {
          const isBack = link !== undefined && session === told.threadId
          failures = 0
          if (!isBack) tell({ _tag: "Session", id: told.threadId, resumed: told.resumed })
          session = told.threadId
          hasThread.unsafeOpen()
          for (const one of outstanding.values()) run(settle(one, one.turnId === undefined || isBack))
          return
        }
        case "TurnEnded": {
          const ended = endings.get(told.turnId)
          endings.delete(told.turnId)
          if (ended !== undefined) Deferred.unsafeDone(ended, Exit.void)
          for (const one of outstanding.values()) {
            if (one.turnId === told.turnId && (one.joined || told.interrupted)) run(settle(one, true))
          }
        }
      }
    }

    // The screen and its server.

    const startServer = Effect.gen(function* () {
      const own = yield* Scope.fork(scope, scope.strategy)
      const server = yield* Scope.extend(options.start, own)
      return { server, end: Scope.close(own, Exit.void) }
    })

    // The first one is there when the screen is.
    let prepared: Effect.Effect.Success<typeof startServer> | undefined = yield* Effect.mapError(
      startServer,
      (reason) => new ChannelUnavailable({ channel: name, reason })
    )

    const onLost = (why: string) => {
      const calls = link?.calls
      link = undefined
      hasThread.unsafeClose()
      for (const resume of calls?.values() ?? []) resume(Effect.fail(new Lost({ sent: true })))
      for (const ended of endings.values()) Deferred.unsafeDone(ended, Exit.void)
      endings.clear()
      for (const told of follower.lost()) onTold(told)
      failures += 1
      if (failures === mostFailures) tell({ _tag: "Absent", reason: why })
    }

    const serve = (screen: Door.Screen, closed: Deferred.Deferred<void>) =>
      Effect.gen(function* () {
        const early: Array<string> = []
        let toServer = (line: string) => void early.push(line)
        screen.listen((line) => toServer(line))
        const ready = prepared
        prepared = undefined
        const { end, server } = ready ?? (yield* startServer)
        const current: Link = { server, calls: new Map() }
        link = current
        toServer = (line) => {
          for (const told of follower.fromScreen(line)) onTold(told)
          server.send(line)
        }
        for (const line of early) toServer(line)
        server.listen((line) => {
          const beginning = frames.beginningOf(line)
          const answered = beginning !== undefined && "answer" in beginning ? beginning.answer : undefined
          if (typeof answered === "string" && answered.startsWith(ownId)) return onOwnAnswer(current, line)
          screen.send(line)
          for (const told of follower.fromServer(line)) onTold(told)
        })
        return yield* Effect.raceFirst(
          server.gone,
          Effect.as(Deferred.await(closed), "its screen closed the connection")
        ).pipe(Effect.ensuring(end))
      }).pipe(
        Effect.catchAll((reason) => Effect.succeed(`no app-server: ${reason}`)),
        Effect.tap((why) =>
          Effect.zipRight(
            Effect.logDebug(`codex: ${why}`),
            Effect.sync(() => {
              onLost(why)
              screen.close()
            })
          )
        )
      )

    const path = yield* Door.open({
      directory: options.directory,
      onScreen: (screen) => {
        if (failures >= mostFailures) return undefined
        const closed = Deferred.unsafeMake<void>(FiberId.none)
        run(serve(screen, closed))
        return () => void Deferred.unsafeDone(closed, Exit.void)
      },
      onSlow: (isSlow) => link?.server.pause(isSlow)
    }).pipe(Effect.mapError((reason) => new ChannelUnavailable({ channel: name, reason })))

    // Messages.

    const threadId = Effect.zipRight(
      hasThread.await,
      Effect.suspend(() => Effect.fromNullable(follower.threadId()))
    ).pipe(Effect.mapError(() => new NotTaken({ reason: "codex has no thread" })))

    let toolsWaited = false
    const tools = Effect.suspend(() => {
      if (toolsWaited || !follower.toolsAreStarting()) return Effect.void
      return Effect.zipRight(
        Effect.timeoutOption(Deferred.await(toolsSettled), toolsMillis),
        Effect.sync(() => {
          toolsWaited = true
        })
      )
    })

    /** Hands a try in; its answer names the turn that has it. */
    const hand = (
      { id, text }: Batch,
      threadId: string,
      method: "turn/start" | "turn/steer",
      more: Readonly<Record<string, unknown>>
    ): Effect.Effect<void, NotTaken | PutUncertain | Refused> =>
      Effect.suspend(() => {
        const before = follower.turnId()
        const one: Outstanding = { id, threadId, turnId: undefined, joined: false }
        outstanding.set(id, one)
        return call(method, { threadId, clientUserMessageId: id, input: input(text), ...more }).pipe(
          Effect.flatMap((answer) =>
            Effect.sync(() => {
              one.turnId = frames.readTurnAnswer(answer)?.turn.id ?? before
              one.joined = method === "turn/steer" || one.turnId === before
            })
          ),
          Effect.catchTag("Lost", ({ sent }): Effect.Effect<never, NotTaken | PutUncertain> => {
            if (sent)
              return Effect.fail(new PutUncertain({ reason: "codex's app-server ended while it was handed in" }))
            outstanding.delete(id)
            return Effect.fail(new NotTaken({ reason: "codex has no app-server" }))
          }),
          Effect.tapErrorTag("Refused", () => Effect.sync(() => void outstanding.delete(id)))
        )
      })

    const refused = ({ message }: Refused) => Effect.fail(new NotTaken({ reason: message }))

    const turnOver = (turnId: string) =>
      Effect.suspend(() => {
        if (follower.turnId() !== turnId) return Effect.void
        const ended = endings.get(turnId) ?? Deferred.unsafeMake<void>(FiberId.none)
        endings.set(turnId, ended)
        return Deferred.await(ended)
      })

    const channel: Channel = {
      name,
      put: (batch) =>
        Effect.gen(function* () {
          const thread = yield* Effect.zipLeft(threadId, tools)
          yield* hand(batch, thread, "turn/start", {})
        }).pipe(Effect.catchTag("Refused", refused)),
      steer: (batch) =>
        Effect.suspend(() => {
          const [thread, turnId] = [follower.threadId(), follower.turnId()]
          if (thread === undefined || turnId === undefined) return Effect.fail(new NotTaken({ reason: "no turn runs" }))
          return hand(batch, thread, "turn/steer", { expectedTurnId: turnId }).pipe(
            // It has just ended, or is one that takes nothing (a compaction, a review): then nothing goes in before its end.
            Effect.catchTag("Refused", (failure) => Effect.zipRight(turnOver(turnId), refused(failure)))
          )
        }),
      interrupt: Effect.suspend(() => {
        const [thread, turnId] = [follower.threadId(), follower.turnId()]
        return thread === undefined || turnId === undefined
          ? Effect.void
          : Effect.ignore(call("turn/interrupt", { threadId: thread, turnId }))
      }),
      lookup: (wanted) =>
        Effect.gen(function* () {
          const thread = yield* threadId
          const found = new Set<MessageId>()
          let cursor: string | null = null
          for (let pages = 0; pages < mostPages; pages++) {
            const { messages, nextCursor }: Effect.Effect.Success<ReturnType<typeof page>> = yield* page(
              thread,
              pageSize,
              cursor
            )
            const ids = new Set(messages.flatMap((message) => [...messageIdsIn(frames.textOf(message))]))
            for (const id of wanted) if (ids.has(id)) found.add(id)
            if (nextCursor === null || found.size === wanted.length) break
            cursor = nextCursor
          }
          return { answered: true, found }
        }).pipe(
          Effect.timeout(lookupMillis),
          Effect.catchAll(() => Effect.succeed<Looked>({ answered: false, found: new Set() }))
        )
    }

    return {
      launch: { args: ["--remote", `unix://${path}`] },
      attach: (_, hear) =>
        Effect.sync(() => {
          tell = hear
          const lost = options.lostSession
          if (lost !== undefined)
            tell({ _tag: "SessionLost", id: lost, reason: "codex has no saved thread of this id" })
          for (const signal of untold.splice(0)) tell(signal)
          return channel
        })
    }
  })
