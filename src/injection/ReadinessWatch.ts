/**
 * Runs the readiness rules of a harness on the output, the screen, the terminal and the clock of one worker. Its terminal is
 * asked a few times after each silence begins, for programs of no known family only. No timer once they are through.
 */
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import type * as Scope from "effect/Scope"
import * as Alarm from "../domain/Alarm.ts"
import { steadyMillis } from "../domain/Steady.ts"
import * as Readiness from "../harness/Readiness.ts"
import type { PtyProcess } from "../pty/Pty.ts"
import type { ScreenView } from "../pty/ScreenView.ts"

export interface ReadinessWatch {
  readonly unsafeOutput: (plain: string, nowMillis: number) => void
  /** The screen was drawn. */
  readonly unsafeScreen: (view: () => ScreenView, nowMillis: number) => void
  /** The program asks something, or nothing any more. */
  readonly unsafeAsking: (asks: boolean, nowMillis: number) => void
  /** It is ready now, in its own way. */
  readonly unsafeReady: () => void
  /** It does not take input as it did: the same rules again, from now on. */
  readonly unsafeRestart: (nowMillis: number) => void
  readonly isReady: () => boolean
  /** It asks something before the first readiness. */
  readonly isBlocked: () => boolean
}

/** When the terminal is asked, after the start or the last output. */
const asks = [15, 60, 150, 300, 600, 1_200, 1_900]

export interface ReadinessWatchOptions {
  readonly rule: Readiness.ReadinessRule
  readonly terminal: Pick<PtyProcess, "lineMode" | "isReading">
  readonly startedAtMillis: number
  /** Runs in the turn of the output, the answer or the timer that decided it; once per start. */
  readonly onReady: (reason: Readiness.ReadinessReason) => void
}

export const make = (options: ReadinessWatchOptions): Effect.Effect<ReadinessWatch, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { rule, terminal } = options
    const clock = yield* Effect.clock
    const now = () => steadyMillis(clock)
    const run = yield* FiberHandle.makeRuntime<never>()
    const asksTerminal = rule.isReady === undefined && rule.silentMillis !== undefined
    let state = Readiness.starting(options.startedAtMillis)
    let asked = 0
    let quietFrom = options.startedAtMillis

    const advance = (next: Readiness.ReadinessState, nowMillis: number) => {
      const before = state
      state = Readiness.onTime(rule, next, nowMillis)
      if (state._tag === "Ready") {
        alarm.unsafeClear()
        if (before._tag !== "Ready") options.onReady(state.reason)
        return
      }
      const due = Readiness.nextLookMillis(rule, state)
      const ask = asksTerminal && asked < asks.length ? quietFrom + (asks[asked] ?? 0) : undefined
      const look = due === undefined || ask === undefined ? (due ?? ask) : Math.min(due, ask)
      if (look === undefined) alarm.unsafeClear()
      else alarm.unsafeSet(look)
    }
    const askTerminal = Effect.gen(function* () {
      const reading = yield* terminal.isReading
      const mode = reading ? undefined : yield* terminal.lineMode
      const takenOver = mode !== undefined && !mode.canonical
      advance(Readiness.onTerminal(state, { takenOver, reading }, now()), now())
    })
    const alarm = yield* Alarm.make((nowMillis) => {
      if (state._tag === "Ready") return
      const due = quietFrom + (asks[asked] ?? Number.POSITIVE_INFINITY)
      if (asksTerminal && nowMillis >= due) {
        asked += 1
        run(Effect.interruptible(askTerminal))
      }
      advance(state, nowMillis)
    })
    const begin = (nowMillis: number) => {
      state = Readiness.starting(nowMillis)
      asked = 0
      quietFrom = nowMillis
      advance(state, nowMillis)
    }
    begin(options.startedAtMillis)
    return {
      unsafeOutput: (plain, nowMillis) => {
        if (state._tag === "Ready") return
        asked = 0
        quietFrom = nowMillis
        advance(Readiness.onOutput(state, plain, nowMillis), nowMillis)
      },
      unsafeScreen: (view, nowMillis) => {
        if (state._tag === "Starting") advance(Readiness.onScreen(rule, state, view(), nowMillis), nowMillis)
      },
      unsafeAsking: (stands, nowMillis) => {
        if (state._tag === "Starting") advance(Readiness.onAsking(state, stands), nowMillis)
      },
      unsafeReady: () => {
        if (state._tag !== "Starting") return
        state = { _tag: "Ready", atMillis: now(), reason: "marker" }
        alarm.unsafeClear()
        options.onReady("marker")
      },
      unsafeRestart: begin,
      isReady: () => state._tag === "Ready",
      isBlocked: () => state._tag === "Starting" && state.asking
    }
  })
