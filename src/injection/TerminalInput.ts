/** All that is typed into one terminal, and what decides when: readiness, dialogs, the typist and the injector on one screen. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { AgentName } from "../domain/Ids.ts"
import type { Events } from "../events/Events.ts"
import type { TerminalRules } from "../harness/TerminalRules.ts"
import type { PtyProcess } from "../pty/Pty.ts"
import type { ScreenView } from "../pty/ScreenView.ts"
import * as Changes from "./Changes.ts"
import * as DialogWatch from "./DialogWatch.ts"
import * as Injector from "./Injector.ts"
import * as ReadinessWatch from "./ReadinessWatch.ts"
import * as Sight from "./ScreenReader.ts"
import * as Typist from "./TerminalWriter.ts"
import type { Readiness } from "./Worker.ts"

export interface TerminalInputOptions extends Pick<Injector.InjectorOptions, "compose" | "onProgress"> {
  readonly agent: AgentName
  readonly rules: TerminalRules
  readonly pty: Pick<PtyProcess, "write" | "canonicalEof" | "resize">
  readonly view: () => ScreenView
  readonly startedAtMillis: number
  /** The program may be typed to, or was given up waiting for. Once. */
  readonly onReadiness: () => void
}

export interface TerminalInput {
  readonly injector: Injector.Injector
  readonly typist: Typist.Typist
  readonly readiness: () => Readiness
  /** Output without escape sequences, as it comes. */
  readonly unsafeOutput: (plain: string, nowMillis: number) => void
  /** The screen shows what came together. */
  readonly unsafeDrawn: (nowMillis: number) => void
}

export const make = (options: TerminalInputOptions): Effect.Effect<TerminalInput, never, Events | Scope.Scope> =>
  Effect.gen(function* () {
    const { agent, pty, rules, view } = options
    const clock = yield* Effect.clock
    const now = () => clock.unsafeCurrentTimeMillis()
    let readiness: Exclude<Readiness, "blocked"> = "starting"
    const changes = Changes.make()
    const sight = Sight.make(rules, view, now)
    const isDialogOpen = () => dialogs.isOpen()
    const typist: Typist.Typist = yield* Typist.make({
      ...{ rules, sight, changes, isDialogOpen },
      write: pty.write,
      resize: pty.resize,
      canonicalEof: pty.canonicalEof,
      isPasteBracketed: () => view().modes.bracketedPaste
    })
    const dialogs: DialogWatch.DialogWatch = yield* DialogWatch.make({
      ...{ agent, rules: rules.dialogs, view, keys: typist.keys },
      onChange: (isOpen) => {
        watch.unsafeDialog(isOpen, now())
        changes.unsafeChanged()
      }
    })
    const { compose, onProgress } = options
    const injector = yield* Injector.make({
      ...{ agent, rules, typist, sight, changes, isDialogOpen },
      compose,
      onProgress
    })
    const watch: ReadinessWatch.ReadinessWatch = yield* ReadinessWatch.make(
      rules.readiness,
      options.startedAtMillis,
      (outcome) => {
        readiness = outcome
        dialogs.unsafeStarted()
        options.onReadiness()
      }
    )
    return {
      injector,
      typist,
      readiness: () => (watch.isBlocked() ? "blocked" : readiness),
      unsafeOutput: (plain, nowMillis) => {
        watch.unsafeOutput(plain, nowMillis)
        injector.unsafeOutput(plain)
      },
      unsafeDrawn: (nowMillis) => {
        dialogs.unsafeDrawn(nowMillis)
        watch.unsafeScreen(view, nowMillis)
        changes.unsafeChanged()
      }
    }
  })
