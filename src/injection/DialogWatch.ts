/**
 * Dialogs in one terminal: noticed when they stand in two looks in a row, answered as the harness says and in its phase only, or
 * left to people. While one stands nothing is typed. No timer without output, and none for families without dialogs.
 *
 * Invariants: 1. keys go only to a dialog that stands on the screen at that moment, at most as often as its rule allows ·
 * 2. dialogs of the start are answered before the first readiness only · 3. opened and closed are told once each.
 */
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import type * as Scope from "effect/Scope"
import * as Alarm from "../domain/Alarm.ts"
import type { PtyBacklogFull, PtyClosed } from "../domain/Errors.ts"
import type { AgentName } from "../domain/Ids.ts"
import { Events } from "../events/Events.ts"
import { type DialogPhase, type DialogRule, dialogShown } from "../harness/Dialog.ts"
import type { ScreenView } from "../pty/ScreenView.ts"

export interface DialogWatchOptions {
  readonly agent: AgentName
  readonly rules: ReadonlyArray<DialogRule>
  readonly view: () => ScreenView
  readonly keys: (
    data: string,
    human: boolean,
    isWanted: () => boolean
  ) => Effect.Effect<void, PtyClosed | PtyBacklogFull>
  readonly onChange: (isOpen: boolean) => void
}

export interface DialogWatch {
  /** The screen was drawn. */
  readonly unsafeDrawn: (nowMillis: number) => void
  /** The program was ready: its start is over. */
  readonly unsafeStarted: () => void
  /** One stands now, looked at anew. */
  readonly isOpen: () => boolean
}

/** How long a dialog must stand before it is one. Low: a picture drawn in pieces may pass for one; high: starts are slower. */
const standMillis = 100
/** Between two answers to the same dialog. */
const againMillis = 2_000

const keysOf = ({ answer }: DialogRule) => (answer !== undefined && "keys" in answer ? answer.keys : [])
const gapOf = ({ answer }: DialogRule) => (answer !== undefined && "keys" in answer ? answer.gapMillis : 0)

export const make = (options: DialogWatchOptions): Effect.Effect<DialogWatch, never, Events | Scope.Scope> =>
  Effect.gen(function* () {
    const { agent: name, rules, view } = options
    const events = yield* Events
    const answering = yield* FiberHandle.make<void>()
    const run = yield* FiberHandle.runtime(answering)<never>()
    const answers = new Map<DialogRule, number>()
    let phase: DialogPhase = "starting"
    let open: DialogRule | undefined
    let seen: DialogRule | undefined
    /** When the next look is due. */
    let lookMillis: number | undefined
    let nextAnswerMillis = Number.NEGATIVE_INFINITY

    const shown = () => dialogShown(rules, phase, view())
    const tell = (rule: DialogRule, state: "opened" | "answered" | "closed") =>
      events.unsafePublish({ kind: "agent_dialog", name, dialog: rule.name, state })

    /** Asked again when the key's turn has come: others may have answered before it. */
    const stands = (rule: DialogRule) => () => shown() === rule

    const answer = (rule: DialogRule) =>
      Effect.gen(function* () {
        for (const [index, key] of keysOf(rule).entries()) {
          if (index > 0) yield* Effect.sleep(gapOf(rule))
          if (shown() !== rule) return
          yield* options.keys(key, false, stands(rule))
        }
        tell(rule, "answered")
      }).pipe(Effect.catchAll((error) => Effect.logDebug(`the dialog '${rule.name}' of '${name}': ${error.message}`)))

    const lookAt = (atMillis: number) => {
      if (lookMillis !== undefined && lookMillis <= atMillis) return
      lookMillis = atMillis
      alarm.unsafeSet(atMillis)
    }
    const look = (nowMillis: number) => {
      lookMillis = undefined
      const rule = shown()
      if (rule !== undefined && rule !== seen) {
        seen = rule
        return lookAt(nowMillis + standMillis)
      }
      seen = rule
      if (rule !== open) {
        if (open !== undefined) tell(open, "closed")
        if (rule !== undefined) {
          tell(rule, "opened")
          nextAnswerMillis = nowMillis
        }
        open = rule
        options.onChange(rule !== undefined)
      }
      const given = rule === undefined ? 0 : (answers.get(rule) ?? 0)
      if (rule?.answer === undefined || given >= rule.answer.times) return
      if (nowMillis < nextAnswerMillis) return lookAt(nextAnswerMillis)
      answers.set(rule, given + 1)
      nextAnswerMillis = nowMillis + againMillis
      lookAt(nextAnswerMillis)
      run(Effect.interruptible(answer(rule)))
    }
    const alarm = yield* Alarm.make(look)

    return {
      unsafeDrawn: (nowMillis) => {
        if (rules.length > 0) lookAt(nowMillis + standMillis)
      },
      unsafeStarted: () => {
        phase = "running"
      },
      isOpen: () => rules.length > 0 && shown() !== undefined
    }
  })
