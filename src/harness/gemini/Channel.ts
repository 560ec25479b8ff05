/**
 * Gemini CLI's channel: messages are pasted, and its hooks prove them (`hooks.ts`). The hooks are in an extension that all agents
 * of a user share; where their documents go is in the environment of each agent. Into a running turn a message goes with the
 * next tool's result, when it arrives as it is.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import {
  type Batch,
  type ChannelContext,
  type ChannelRules,
  ChannelUnavailable,
  NotTaken,
  type OpenedChannel,
  type Program
} from "../Channel.ts"
import type { Injection } from "../Launch.ts"
import { extensionDirectory, extensionEntries } from "./extension.ts"
import { endsTurn, hookCommands, isChanged, signalsOf, spoolVariable, steerDocument, steerName } from "./hooks.ts"
import { titleSays } from "./screen.ts"
import { followSpool, makeSpool } from "./spool.ts"
import { lookUp, transcriptsOf } from "./transcript.ts"

const hooks = Object.fromEntries(
  Object.entries(hookCommands).map(([event, command]) => [
    event,
    [{ hooks: [{ type: "command", name: "relay", command, timeout: 10_000 }] }]
  ])
)

const launchOf = ({ environment }: ChannelContext, spool: string): Injection => ({
  env: { [spoolVariable]: spool },
  entries: [
    ...extensionEntries(environment),
    { path: join(extensionDirectory(environment), "hooks", "hooks.json"), keys: ["hooks"], value: hooks }
  ]
})

/** A turn that was broken off tells no end by its hooks: its title does. */
const titleMillis = 500

/** What waits for the next tool of a turn; one at a time. */
const makeSteer = (spool: string, program: Program) =>
  Effect.gen(function* () {
    const turn = yield* Effect.makeSemaphore(1)
    const path = join(spool, steerName)
    const changed = yield* Effect.makeLatch(false)
    let ended = false
    const isOver = () => ended || titleSays(program.view()) !== "busy"
    /** False: a hook has it. */
    const withdrawn = Effect.sync(() => {
      if (!existsSync(path)) return false
      try {
        renameSync(path, `${path}.back`)
      } catch {
        return false
      }
      rmSync(`${path}.back`, { force: true })
      return true
    })
    const steer = ({ text }: Batch): Effect.Effect<void, NotTaken> =>
      Effect.gen(function* () {
        ended = false
        if (isOver()) return yield* new NotTaken({ reason: "no turn runs" })
        while (isChanged(text)) {
          if (isOver())
            return yield* new NotTaken({ reason: "the turn ended; into it, the text would have been changed" })
          changed.unsafeClose()
          yield* Effect.timeoutOption(changed.await, titleMillis)
        }
        yield* Effect.try({
          try: () => {
            writeFileSync(`${path}.new`, steerDocument(text), { mode: 0o600 })
            renameSync(`${path}.new`, path)
          },
          catch: (error) => new NotTaken({ reason: error instanceof Error ? error.message : String(error) })
        })
        while (existsSync(path)) {
          if (isOver() && (yield* withdrawn)) return yield* new NotTaken({ reason: "the turn ended before" })
          changed.unsafeClose()
          yield* Effect.timeoutOption(changed.await, titleMillis)
        }
      }).pipe(
        Effect.onInterrupt(() => withdrawn),
        turn.withPermits(1)
      )
    return {
      steer,
      /** A hook came. */
      onHook: (endOfTurn: boolean) => {
        ended ||= endOfTurn
        changed.unsafeOpen()
      }
    }
  })

export const channel: ChannelRules = {
  name: "hooks",
  open: (context) =>
    Effect.gen(function* () {
      const unavailable = ({ message }: Error) => new ChannelUnavailable({ channel: "hooks", reason: message })
      const spool = yield* Effect.mapError(makeSpool(context.directory), unavailable)
      const expected = context.resumed ? context.spec.sessionRef : undefined
      const opened: OpenedChannel = {
        launch: launchOf(context, spool),
        attach: (program, tell) =>
          Effect.gen(function* () {
            let sessionId = expected
            const { onHook, steer } = yield* makeSteer(spool, program)
            const onDocument = (document: unknown) => {
              for (const signal of signalsOf(document, expected)) {
                if (signal._tag === "Session") sessionId = signal.id
                tell(signal)
              }
              onHook(endsTurn(document))
            }
            yield* followSpool(spool, onDocument, (reason) => tell({ _tag: "Absent", reason }))
            return {
              name: "hooks",
              steer,
              lookup: (messages) =>
                sessionId === undefined
                  ? Effect.succeed({ answered: false, found: new Set<never>() })
                  : Effect.flatMap(transcriptsOf(context.environment, sessionId), (paths) => lookUp(paths, messages))
            }
          })
      }
      return opened
    })
}
