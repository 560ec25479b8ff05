/**
 * opencode's channel: the TUI serves its session on a port of loopback, behind a password of this agent alone. Messages go in
 * with our id, its event stream proves them, and says what it does and asks. Nothing is typed, so a draft in its composer stays.
 *
 * The session is made or found through the server, not by `-s`: a lost one would end the program. The password is in the
 * program's environment and nowhere else, and is sent only to a listener that belongs to the program.
 *
 * Invariants: 1. one fiber reads the stream; what is told follows its order · 2. before anything of a connection counts, the
 * session, its state and what it asks are looked up once (`begin`) · 3. a message that a broken-off turn left behind is taken out
 * of the session before it is told as returned, so that the model never has it twice.
 */
import { randomBytes } from "node:crypto"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { valueOf } from "../argvWords.ts"
import {
  type Batch,
  type Channel,
  type ChannelContext,
  type ChannelRules,
  ChannelUnavailable,
  messageIdsIn,
  NotTaken,
  type Program,
  PutUncertain,
  type Signal
} from "../Channel.ts"
import { wantedModel } from "../model.ts"
import { batchIdOf, begin, eventOf, forget, messageIdOf, next, type Progress, stateOf, stranded } from "./events.ts"
import { freePort, make as makeServer, OpencodeFailed, ownerOf, type Prompt, type Server } from "./Server.ts"
import { isHome, opencode } from "./screen.ts"

/** Commands of its own that show no session in this terminal. */
const commands = new Set([
  ...["acp", "agent", "attach", "auth", "completion", "console", "db", "debug", "export", "github", "import", "mcp"],
  ...["models", "plugin", "pr", "providers", "run", "serve", "session", "stats", "uninstall", "upgrade", "web"]
])

/** While its server starts, and when its stream broke off. */
const startPause = "250 millis"
const againPause = Schedule.exponential("250 millis").pipe(Schedule.union(Schedule.spaced("5 seconds")))
/** A server that did not answer for so long is said to be away; it is waited for all the same. */
const absentMillis = 60_000
/** How long a message waits for a server that is starting or away. */
const putMillis = 60_000
/** The terminal follows a chosen session only once it runs. */
const showPause = "200 millis"
const showTries = 300
/** A new turn for a message may still begin after the end of the one before it. */
const strandedMillis = 1_000

const providerModel = (name: string | undefined): Prompt["model"] => {
  const at = name?.indexOf("/") ?? -1
  return name === undefined || at < 1 ? undefined : { providerID: name.slice(0, at), modelID: name.slice(at + 1) }
}

export interface Wanted {
  /** The session to go on with. */
  readonly id: string | undefined
  /** The newest one, as `--continue` has it. */
  readonly latest: boolean
  readonly model: Prompt["model"]
  readonly agent: string | undefined
}

const wantedOf = ({ line, spec }: ChannelContext): Wanted => ({
  id: spec.sessionRef ?? valueOf(line.args, ["--session", "-s"]) ?? undefined,
  latest: line.args.some((argument) => argument === "--continue" || argument === "-c"),
  model: providerModel(valueOf(line.args, ["--model", "-m"]) ?? wantedModel(spec)),
  agent: valueOf(line.args, ["--agent"]) ?? undefined
})

export const attachTo =
  (server: Server, port: number, wanted: Wanted) =>
  (program: Program, tell: (signal: Signal) => void): Effect.Effect<Channel, never, Scope.Scope> =>
    Effect.gen(function* () {
      const clock = yield* Effect.clock
      const scope = yield* Effect.scope
      let counter = 0
      let progress: Progress | undefined
      const opened = yield* Deferred.make<void>()

      const listening = Effect.gen(function* () {
        const owner = yield* ownerOf(port, program.pid)
        if (owner === "nobody" || owner === "stranger") {
          const reason = owner === "nobody" ? "it does not listen yet" : `port ${port} belongs to another program`
          return yield* new OpencodeFailed({ what: "health", reason, status: undefined, sent: false })
        }
        return yield* server.health
      })
      const awaited = Effect.gen(function* () {
        const since = clock.unsafeCurrentTimeMillis()
        let said = false
        for (;;) {
          const health = yield* Effect.either(listening)
          if (Either.isRight(health)) return
          if (!said && clock.unsafeCurrentTimeMillis() - since >= absentMillis) {
            said = true
            tell({ _tag: "Absent", reason: `its server does not answer: ${health.left.reason}` })
          }
          yield* Effect.sleep(said ? "5 seconds" : startPause)
        }
      })

      /** Its terminal shows the session; a convenience for people, on which nothing else depends. */
      const show = (id: string) =>
        Effect.gen(function* () {
          for (let tries = 0; tries < showTries; tries++) {
            const view = program.view()
            const shown = opencode.composer?.read(view)._tag === "Shown"
            if (shown && !isHome(view)) return
            // Not at each look: it takes a moment to change what it shows.
            if (shown && tries % 10 === 0) yield* server.show(id)
            yield* Effect.sleep(showPause)
          }
        }).pipe(Effect.catchAll((error) => Effect.logDebug(`opencode does not show its session: ${error.message}`)))

      const made = Effect.gen(function* () {
        const id = yield* server.create
        tell({ _tag: "Session", id, resumed: false })
        return id
      })
      /** The session of this agent: the one it had, else a new one. */
      const session = Effect.gen(function* () {
        const known = progress?.sessionId ?? wanted.id ?? (wanted.latest ? yield* server.latest : undefined)
        if (known === undefined) return yield* made
        const there = yield* Effect.either(server.session(known))
        if (Either.isRight(there)) {
          if (progress === undefined) tell({ _tag: "Session", id: known, resumed: true })
          return known
        }
        const { reason, status = 0 } = there.left
        if (status < 400 || status >= 500) return yield* there.left
        tell({ _tag: "SessionLost", id: known, reason: `opencode does not have it any more (${reason})` })
        return yield* made
      })

      const resume = Effect.gen(function* () {
        const sessionId = yield* session
        const [busy, permissions, questions] = yield* Effect.all([
          server.isBusy(sessionId),
          server.permissions,
          server.questions
        ])
        const first = progress === undefined || progress.sessionId !== sessionId
        progress = begin({ sessionId, busy, permissions, questions }, progress)
        tell({ _tag: "State", state: stateOf(progress) })
        yield* Deferred.succeed(opened, undefined)
        if (first) yield* Effect.forkIn(show(sessionId), scope)
        yield* Effect.forkIn(takeBack, scope)
      })

      /** What a turn that was broken off left in the session, once it is certain that no turn takes it. */
      const takeBack: Effect.Effect<void> = Effect.gen(function* () {
        const before = progress === undefined ? [] : stranded(progress)
        if (progress === undefined || before.length === 0) return
        const { sessionId } = progress
        yield* Effect.sleep(strandedMillis)
        if (yield* server.isBusy(sessionId)) return
        const left = progress?.sessionId === sessionId ? stranded(progress).filter((id) => before.includes(id)) : []
        for (const id of left) {
          yield* server.remove(sessionId, id)
          if (progress !== undefined) progress = forget(progress, [id])
          tell({ _tag: "Returned", which: { id: batchIdOf(id) } })
        }
      }).pipe(Effect.catchAll((error) => Effect.logDebug(`opencode: ${error.message}`)))

      const onEvent = (json: unknown) =>
        Effect.suspend(() => {
          if (isConnected(json)) return resume
          const event = progress === undefined ? undefined : eventOf(json)
          if (progress === undefined || event === undefined) return Effect.void
          const [after, signals] = next(progress, event)
          progress = after
          for (const signal of signals) tell(signal)
          const mayBeLeft = signals.some(({ _tag }) => _tag === "State") && stranded(after).length > 0
          return mayBeLeft ? Effect.asVoid(Effect.forkIn(takeBack, scope)) : Effect.void
        })

      yield* awaited.pipe(
        Effect.zipRight(Stream.runForEach(server.events, onEvent)),
        Effect.zipRight(
          new OpencodeFailed({ what: "events", reason: "the stream ended", status: undefined, sent: true })
        ),
        Effect.tapError((error) => Effect.logDebug(`opencode's events: ${error.message}`)),
        Effect.retry(againPause),
        Effect.ignore,
        Effect.forkScoped
      )

      const put = ({ id, text }: Batch): Effect.Effect<void, NotTaken | PutUncertain> =>
        Effect.gen(function* () {
          yield* Deferred.await(opened).pipe(
            Effect.timeoutFail({
              duration: putMillis,
              onTimeout: () => new NotTaken({ reason: "its server has not opened a session yet" })
            })
          )
          const current = progress
          if (current === undefined) return yield* new NotTaken({ reason: "it has no session" })
          counter += 1
          const messageId = messageIdOf(id, clock.unsafeCurrentTimeMillis(), counter)
          const { agent, model } = wanted
          yield* server
            .prompt(current.sessionId, { messageId, text, model, agent })
            .pipe(
              Effect.mapError(({ message: reason, sent, status }) =>
                !sent || (status !== undefined && status < 500)
                  ? new NotTaken({ reason })
                  : new PutUncertain({ reason })
              )
            )
        })

      return {
        name: "server",
        put,
        // During a turn it takes a message with the turn's next step.
        steer: put,
        interrupt: Effect.suspend(() => (progress === undefined ? Effect.void : server.abort(progress.sessionId))).pipe(
          Effect.catchAll((error) => Effect.logDebug(`opencode: ${error.message}`))
        ),
        lookup: (messages) =>
          Deferred.await(opened).pipe(
            Effect.timeoutFail({ duration: putMillis, onTimeout: () => "no session" }),
            Effect.flatMap(() => server.texts(progress?.sessionId ?? "")),
            Effect.map((texts) => {
              const held = new Set(texts.flatMap((text) => [...messageIdsIn(text)]))
              return { answered: true, found: new Set(messages.filter((id) => held.has(id))) }
            }),
            Effect.catchAll(() => Effect.succeed({ answered: false, found: new Set<never>() }))
          )
      }
    })

const isConnected = (json: unknown): boolean =>
  typeof json === "object" && json !== null && "type" in json && json.type === "server.connected"

export const channel: ChannelRules = {
  name: "server",
  open: (context) =>
    Effect.gen(function* () {
      const { args } = context.line
      const unavailable = (reason: string) => new ChannelUnavailable({ channel: "server", reason })
      const [first = ""] = args
      if (commands.has(first)) return yield* unavailable(`it is run as 'opencode ${first}'`)
      const asked = Number(valueOf(args, ["--port"]) ?? 0)
      const port = asked > 0 ? asked : yield* Effect.mapError(freePort, ({ message }) => unavailable(message))
      const password = randomBytes(24).toString("base64url")
      return {
        launch: {
          args: asked > 0 ? [] : ["--port", String(port), "--hostname", "127.0.0.1"],
          env: { OPENCODE_SERVER_PASSWORD: password }
        },
        attach: attachTo(makeServer({ port, password }), port, wantedOf(context))
      }
    })
}
