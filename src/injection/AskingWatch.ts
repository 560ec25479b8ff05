/**
 * What one program asks of people: noticed when it stands, told with what the screen shows, answered by the broker where the
 * harness says so and by label, and resolved by itself. While it asks nothing is typed. No timer without output.
 *
 * Invariants: 1. Enter goes only to a dialog that stands on the screen at that moment with the mark on the option meant, keys
 * of its own to one that stands; at most as often as its rule allows · 2. dialogs of the start are answered before the first
 * readiness only · 3. asked and answered are told once each · 4. a known program that shows something else than its composer,
 * stands still and does not work asks, too (`screen`).
 */
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import type * as Scope from "effect/Scope"
import * as Alarm from "../domain/Alarm.ts"
import type { PtyBacklogFull, PtyClosed } from "../domain/Errors.ts"
import type { AgentName } from "../domain/Ids.ts"
import { steadyMillis } from "../domain/Steady.ts"
import { Events } from "../events/Events.ts"
import type { ProgramState } from "../harness/Channel.ts"
import { type DialogPhase, type DialogRule, dialogShown, keys as keyNames, readMenu } from "../harness/Dialog.ts"
import type { ScreenView } from "../pty/ScreenView.ts"
import type { Asked, ScreenReader } from "./ScreenReader.ts"
import type { AskingNow } from "./Worker.ts"

export interface AskingWatchOptions {
  readonly agent: AgentName
  readonly rules: ReadonlyArray<DialogRule>
  /** A known program without its composer asks; false: such programs work then. */
  readonly hiddenAsks: boolean
  readonly view: () => ScreenView
  readonly screen: ScreenReader
  /** What the program says itself. */
  readonly state: () => ProgramState | undefined
  readonly keys: (
    data: string,
    human: boolean,
    isWanted: () => boolean
  ) => Effect.Effect<void, PtyClosed | PtyBacklogFull>
  /** Something stands, or nothing does any more: no keys of ours meanwhile. */
  readonly onChange: (isOpen: boolean) => void
}

export interface AskingWatch {
  /** The screen was drawn, or the program said something. */
  readonly unsafeDrawn: (nowMillis: number) => void
  /** The program was ready: its start is over. */
  readonly unsafeStarted: () => void
  /** It asks now, looked at anew. */
  readonly isOpen: () => boolean
  /** What people were told. */
  readonly asking: () => AskingNow | undefined
}

/** How long a dialog must stand before it is one. Low: a picture drawn in pieces may pass for one; high: starts are slower. */
const standMillis = 100
/** Between two answers to the same dialog. */
const againMillis = 2_000
/** A screen without a composer that does not change for so long waits for somebody. */
const stillMillis = 3_000
/** A program draws the mark in another place within this time. */
const moveMillis = 150
/** Moves of the mark before an answer is given up. */
const mostMoves = 12

export const make = (options: AskingWatchOptions): Effect.Effect<AskingWatch, never, Events | Scope.Scope> =>
  Effect.gen(function* () {
    const { agent: name, rules, screen, view } = options
    const events = yield* Events
    const clock = yield* Effect.clock
    const now = () => steadyMillis(clock)
    const answering = yield* FiberHandle.make<void>()
    const run = yield* FiberHandle.runtime(answering)<never>()
    const answers = new Map<DialogRule, number>()
    let phase: DialogPhase = "starting"
    let open: DialogRule | undefined
    let seen: DialogRule | undefined
    let told: AskingNow | undefined
    let drawnAtMillis = now()
    /** When the next look is due. */
    let lookMillis: number | undefined
    let nextAnswerMillis = Number.NEGATIVE_INFINITY

    const shown = () => dialogShown(rules, phase, view())
    const tell = (rule: DialogRule, state: "opened" | "answered" | "closed") =>
      events.unsafePublish({ kind: "agent_dialog", name, dialog: rule.name, state })

    /** Asked again when the key's turn has come: others may have answered before it. */
    const stands = (rule: DialogRule) => () => shown() === rule

    const pressKeys = (rule: DialogRule, keys: ReadonlyArray<string>, gapMillis: number) =>
      Effect.gen(function* () {
        for (const [index, key] of keys.entries()) {
          if (index > 0) yield* Effect.sleep(gapMillis)
          if (shown() !== rule) return false
          yield* options.keys(key, false, stands(rule))
        }
        return true
      })

    /** Moves the mark until it stands on the option meant, is seen there, and enters it. False: it never stood there. */
    const choose = (rule: DialogRule, label: RegExp) =>
      Effect.gen(function* () {
        const where = () => {
          const menu = readMenu(view(), [label])
          const wanted = menu.options.findIndex((option) => label.test(option))
          return { marked: menu.marked, wanted }
        }
        for (let moves = 0; moves <= mostMoves; moves++) {
          if (shown() !== rule) return false
          const { marked, wanted } = where()
          if (marked === undefined || wanted < 0) return false
          if (marked === wanted) {
            const isStill = () => {
              const at = where()
              return shown() === rule && at.marked !== undefined && at.marked === at.wanted
            }
            yield* options.keys(keyNames.enter, false, isStill)
            return true
          }
          yield* options.keys(marked < wanted ? keyNames.down : keyNames.up, false, stands(rule))
          yield* Effect.sleep(moveMillis)
        }
        return false
      })

    const answer = (rule: DialogRule) =>
      Effect.gen(function* () {
        const given = rule.answer
        if (given === undefined) return
        const done = yield* "choose" in given
          ? choose(rule, given.choose)
          : pressKeys(rule, given.keys, given.gapMillis)
        if (done) tell(rule, "answered")
      }).pipe(Effect.catchAll((error) => Effect.logDebug(`the dialog '${rule.name}' of '${name}': ${error.message}`)))

    const isAnswered = (rule: DialogRule) => rule.answer !== undefined && (answers.get(rule) ?? 0) < rule.answer.times

    /** What people have to do, as far as can be seen now. */
    const asked = (nowMillis: number): Asked | undefined => {
      const state = options.state()
      if (open !== undefined) {
        return isAnswered(open) || FiberHandle.unsafeGet(answering)._tag === "Some"
          ? undefined
          : { what: open.asks ?? "menu", detail: open.name }
      }
      if (state?._tag === "Asking") return { what: state.what, detail: state.detail }
      if (!screen.isKnown) return screen.showsMenu() ? { what: "menu", detail: undefined } : undefined
      if (!options.hiddenAsks || screen.composer("") !== "hidden" || screen.isBusy() || screen.isBlank())
        return undefined
      return nowMillis >= drawnAtMillis + stillMillis ? { what: "screen", detail: undefined } : undefined
    }
    const isStillHidden = () =>
      screen.isKnown && options.hiddenAsks && screen.composer("") === "hidden" && !screen.isBlank()

    const tellPeople = (nowMillis: number) => {
      const next = asked(nowMillis)
      if (next?.what === told?.what && next?.detail === told?.detail) return
      if (told !== undefined) events.unsafePublish({ kind: "agent_person_answered", name, what: told.what })
      told = next === undefined ? undefined : { ...next, lines: screen.lastLines() }
      if (told !== undefined) {
        const { detail = null, lines, what } = told
        events.unsafePublish({ kind: "agent_needs_person", name, what, detail, lines })
      }
      options.onChange(isOpen())
    }

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
        options.onChange(isOpen())
      }
      if (rule?.answer !== undefined && isAnswered(rule)) {
        if (nowMillis < nextAnswerMillis) return lookAt(nextAnswerMillis)
        answers.set(rule, (answers.get(rule) ?? 0) + 1)
        nextAnswerMillis = nowMillis + againMillis
        lookAt(nextAnswerMillis)
        run(Effect.interruptible(answer(rule)))
      }
      tellPeople(nowMillis)
      if (told === undefined && open === undefined && isStillHidden()) lookAt(drawnAtMillis + stillMillis)
    }
    const alarm = yield* Alarm.make(look)

    const isOpen = () =>
      (rules.length > 0 && shown() !== undefined) ||
      options.state()?._tag === "Asking" ||
      (told !== undefined && asked(now()) !== undefined) ||
      screen.showsMenu()

    return {
      unsafeDrawn: (nowMillis) => {
        drawnAtMillis = nowMillis
        lookAt(nowMillis + standMillis)
      },
      unsafeStarted: () => {
        phase = "running"
      },
      isOpen,
      asking: () => told
    }
  })
