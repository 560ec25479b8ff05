/**
 * Claude Code's channel: messages are pasted into its composer, also during a turn, where Claude queues them and takes them with
 * its next step; its hooks, its transcript and its session file say what became of them and what it does (`events`).
 *
 * Hooks may be missing (disabled by the user, no API here) and transcripts may be missing: each of them is enough.
 *
 * Invariants: 1. one fiber hears everything; what is told follows the order in which it came · 2. a hook is answered at once, with
 * nothing · 3. idle, it waits for notices of the system: nothing is polled · 4. its session file is the one of its process, or, where
 * that runs below a wrapper, the one of its session.
 */
import { basename, join } from "node:path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"
import * as Scope from "effect/Scope"
import type { MessageId } from "../../domain/Ids.ts"
import {
  type Channel,
  type ChannelContext,
  type ChannelRules,
  ChannelUnavailable,
  type Looked,
  messageIdsIn,
  type Program,
  type Signal
} from "../Channel.ts"
import type { Injection } from "../Launch.ts"
import {
  type Hook,
  next,
  readHook,
  readSession,
  readTranscriptLine,
  type Said,
  type SessionRecord,
  unheard
} from "./events.ts"
import {
  eachLine,
  type Following,
  findBelow,
  followDirectory,
  followLines,
  namesIn,
  sizeOfFile,
  textOfFile
} from "./files.ts"
import { projectName, projectsOf, sessionOf, sessionsOf } from "./session.ts"
import { hookSettings, mergeSettings, tokenVariable, userSettings } from "./settings.ts"

/** What comes from outside. */
type Heard =
  | { readonly _tag: "Hook"; readonly hook: Hook }
  | { readonly _tag: "Session"; readonly record: SessionRecord }
  | { readonly _tag: "Line"; readonly said: Said }

/** A session file that a process with the same number left behind is older than its start by more than clocks differ. */
const staleMillis = 10_000
/** A file that was read while it was written is written to its end by then. */
const rereadMillis = 50

interface Transcript {
  readonly sessionId: string
  readonly path: string
  readonly following: Following
  readonly scope: Scope.CloseableScope
}

const attachTo =
  (context: ChannelContext) =>
  (program: Program, tell: (signal: Signal) => void): Effect.Effect<Channel, never, Scope.Scope> =>
    Effect.gen(function* () {
      const { hooks, spec } = context
      const { environment } = program
      const projects = projectsOf(environment)
      const chosen = sessionOf(context).session
      const clock = yield* Effect.clock
      const scope = yield* Effect.scope
      const heard = yield* Mailbox.make<Heard>()
      const startedAtMillis = clock.unsafeCurrentTimeMillis()

      let progress = unheard
      let sessionId: string | undefined
      let transcript: Transcript | undefined
      /** Where the transcript of the present session begins to be of interest. */
      let from = 0

      const say = (said: Said) => {
        const [after, signals] = next(progress, said)
        progress = after
        for (const signal of signals) tell(signal)
      }

      const unfollow = Effect.suspend(() => {
        const old = transcript
        transcript = undefined
        return old === undefined ? Effect.void : Scope.close(old.scope, Exit.void)
      })
      const follow = (id: string, path: string) =>
        Effect.gen(function* () {
          yield* unfollow
          const own = yield* Scope.fork(scope, scope.strategy)
          const onLine = (line: string) => {
            const said = readTranscriptLine(line)
            if (said !== undefined) heard.unsafeOffer({ _tag: "Line", said })
          }
          const following = yield* Scope.extend(followLines(path, from, onLine), own)
          transcript = { sessionId: id, path, following, scope: own }
        })
      const transcriptOf = (id: string) => Effect.promise(() => findBelow(projects, `${id}.jsonl`))

      /** `path`: as a hook says it. Until the file is there, its place is a guess. */
      const lookAtTranscript = (path: string | undefined) =>
        Effect.gen(function* () {
          const id = sessionId
          if (id === undefined) return
          const known = transcript?.sessionId === id ? transcript.path : undefined
          const isThere = known !== undefined && (yield* Effect.promise(() => sizeOfFile(known))) !== undefined
          if (!isThere) {
            const found = path ?? (yield* transcriptOf(id)) ?? join(projects, projectName(spec.cwd), `${id}.jsonl`)
            if (found !== known) yield* follow(id, found)
          }
          transcript?.following.look()
        })

      const become = (id: string, isRunning: boolean) =>
        Effect.gen(function* () {
          if (id === sessionId) return
          yield* unfollow
          sessionId = id
          tell({ _tag: "Session", id, resumed: chosen.resumed && id === chosen.id })
          const path = isRunning ? undefined : yield* transcriptOf(id)
          from = path === undefined ? 0 : ((yield* Effect.promise(() => sizeOfFile(path))) ?? 0)
        })

      const hear = (event: Heard) =>
        Effect.gen(function* () {
          if (event._tag === "Line") return say(event.said)
          if (event._tag === "Hook") {
            const { said, sessionId: id, transcript: path } = event.hook
            // A subagent's session is its own.
            if (id !== undefined && path !== undefined && basename(path) === `${id}.jsonl`) {
              yield* become(id, true)
            }
            if (said !== undefined) say(said)
            return yield* lookAtTranscript(path)
          }
          const { sessionId: id, status } = event.record
          yield* become(id, status?.status === "busy")
          if (status !== undefined) say(status)
          yield* lookAtTranscript(undefined)
        })
      yield* heard.take.pipe(
        Effect.flatMap(hear),
        Effect.catchAllDefect((defect) =>
          Effect.logError(`what ${spec.name} says of itself was not understood`, defect)
        ),
        Effect.forever,
        Effect.ignore,
        Effect.forkScoped
      )

      if (hooks !== undefined) {
        yield* hooks.listen((body) =>
          Effect.sync(() => {
            const hook = readHook(body)
            if (hook !== undefined) heard.unsafeOffer({ _tag: "Hook", hook })
            return undefined
          })
        )
      }

      const directory = sessionsOf(environment)
      let ownFile: string | undefined
      const readOwn = async (name: string): Promise<SessionRecord | undefined> => {
        const text = await textOfFile(join(directory, name))
        return text === undefined ? undefined : readSession(text)
      }
      const isOurs = (name: string, record: SessionRecord) =>
        name === `${program.pid}.json` || record.sessionId === (sessionId ?? chosen.id)
      const sessions = yield* followDirectory(directory, async (changed) => {
        const names = ownFile === undefined ? (changed ?? (await namesIn(directory))) : [ownFile]
        if (ownFile !== undefined && changed?.has(ownFile) === false) return
        for (const name of names) {
          if (!/^\d+\.json$/.test(name)) continue
          let record = await readOwn(name)
          if (record === undefined && ownFile === name) {
            await new Promise((done) => setTimeout(done, rereadMillis))
            record = await readOwn(name)
          }
          if (record === undefined || !isOurs(name, record)) continue
          if ((record.startedAt ?? startedAtMillis) < startedAtMillis - staleMillis) continue
          ownFile = name
          heard.unsafeOffer({ _tag: "Session", record })
          return
        }
      })
      sessions.look()

      const lost = spec.sessionRef
      if (context.resumed && lost !== undefined && !chosen.resumed) {
        tell({ _tag: "SessionLost", id: lost, reason: "Claude Code has no transcript of it" })
      }

      const lookup = (messages: ReadonlyArray<MessageId>): Effect.Effect<Looked> =>
        Effect.gen(function* () {
          const id = sessionId ?? chosen.id
          const path = id === undefined ? undefined : yield* transcriptOf(id)
          if (path === undefined) return { answered: false, found: new Set<MessageId>() }
          const held = new Set<string>()
          const answered = yield* Effect.promise(() =>
            eachLine(path, (line) => {
              const said = readTranscriptLine(line)
              if (said?._tag === "Recorded") for (const found of messageIdsIn(said.text)) held.add(found)
            })
          )
          return { answered, found: new Set(messages.filter((message) => held.has(message))) }
        })

      return { name: "hooks", lookup }
    })

export const channel: ChannelRules = {
  name: "hooks",
  open: (context) =>
    Effect.gen(function* () {
      const { directory, hooks, line, spec } = context
      const opened = (launch: Injection) => ({ launch, attach: attachTo(context) })
      if (hooks === undefined) return opened({})
      const given = yield* userSettings(line.args, spec.cwd)
      const user = given ?? Either.right({})
      const settings = Either.flatMap(user, (theirs) => mergeSettings(theirs, hookSettings(hooks)))
      if (Either.isLeft(settings)) {
        return yield* new ChannelUnavailable({
          channel: "hooks",
          reason: `the settings given with --settings cannot be added to: ${settings.left}`
        })
      }
      const path = join(directory, "settings.json")
      const content = `${JSON.stringify(settings.right, null, 2)}\n`
      return opened({
        args: [`--settings=${path}`],
        env: { [tokenVariable]: hooks.token },
        files: [{ path, content: () => content }]
      })
    })
}
