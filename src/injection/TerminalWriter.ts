/**
 * Everything that is written to one terminal goes through here, in order. A paste is a text in one write, its Enter, and the
 * proof that it was taken (`Submission` decides); keystrokes of others never come between a text and its Enter, save while
 * the program asks something, or somebody must finish what he mixed in.
 */
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { PtyBacklogFull, type PtyClosed } from "../domain/Errors.ts"
import * as FifoLock from "../domain/FifoLock.ts"
import type { Evidence, WaitingReason } from "../domain/Receipt.ts"
import { steadyMillis } from "../domain/Steady.ts"
import type { TerminalRules } from "../harness/TerminalRules.ts"
import type { LineMode } from "../pty/lineMode.ts"
import type { Changes } from "./Changes.ts"
import * as canonical from "./canonical.ts"
import type { ClosedGate } from "./Gates.ts"
import { isOurs, type ScreenReader } from "./ScreenReader.ts"
import * as Submission from "./Submission.ts"

type WriteError = PtyClosed | PtyBacklogFull

export interface TerminalWriterOptions {
  readonly rules: TerminalRules
  readonly write: (data: string) => Effect.Effect<void, WriteError>
  readonly resize: (cols: number, rows: number) => Effect.Effect<void, PtyClosed>
  readonly lineMode: Effect.Effect<LineMode | undefined>
  readonly isReading: Effect.Effect<boolean>
  readonly screen: ScreenReader
  readonly isAsking: () => boolean
  /** A turn runs, as far as the program or its screen says. */
  readonly isBusy: () => boolean
  /** What the screen shows counts as proof. */
  readonly screenCounts: () => boolean
  /** Output, answers, gates, signals: whatever may let something go on. */
  readonly changes: Changes
  /** Whether the program asked for pastes in brackets. */
  readonly isPasteBracketed: () => boolean
}

export interface Paste {
  /** Enter excluded. */
  readonly text: string
  /** Ids of its messages, as its text has them. */
  readonly ids: ReadonlyArray<string>
  readonly isSteer: boolean
  /** The first closed gate: asked again immediately before the first byte. */
  readonly gate: () => ClosedGate | undefined
  /** Nothing of it waits for proof any more: proven elsewhere, or settled by a person. */
  readonly isOver: () => boolean
  /** The program said that it has it in its queue. */
  readonly isQueued: () => boolean
  /** How often the id of the last message came back since the text was written, and those of all. */
  readonly echo: () => { readonly last: number; readonly all: number }
  readonly onWriting: () => void
  readonly onEnter: () => void
  /** Its time is over and it is not proven; again when that is said anew after the text stood in the composer once more. */
  readonly onUnproven: (reason: string) => Effect.Effect<void>
}

export interface TerminalWriter {
  /** Completes with the proof that the screen gave of the whole paste; undefined: it is over (`isOver`). */
  readonly paste: (paste: Paste) => Effect.Effect<Evidence | undefined, WriteError>
  /** A line for the program itself, such as a slash command, between two pastes and behind the same gates. */
  readonly command: (line: string, gate: Paste["gate"]) => Effect.Effect<void, WriteError>
  /** Keystrokes of others, after which everything waits for 2 s. `isWanted` is asked when it is their turn. */
  readonly keys: (data: string, human: boolean, isWanted?: () => boolean) => Effect.Effect<void, WriteError>
  readonly resize: (cols: number, rows: number) => Effect.Effect<void, PtyClosed>
  /** Until when the last keystroke of others holds typing. */
  readonly humanUntilMillis: () => number
  /** What is typed before this time may be lost to a change of size. */
  readonly settledAtMillis: () => number
  /** Why the paste in progress does not go on. */
  readonly waiting: () => WaitingReason | undefined
  /** How often the kernel itself printed what was typed last: that is no evidence. */
  readonly kernelEchoes: () => 0 | 1
  /** The screen was drawn. */
  readonly unsafeDrawn: () => void
}

const humanMillis = 2_000
/** A key that a slow program has not shown yet holds typing, for so long at most: some keys show nothing. */
const unseenKeyMillis = 10_000
/** Between a command and its Enter: a completion menu has opened by then. */
const commandGapMillis = 100
/** Longest time for which others' keys are kept from an Enter that was not answered yet. */
const enterAloneMillis = 50
const keystrokeBytes = 8 * 1024 * 1024
const backlogRetry = Schedule.spaced("250 millis")
/** A change of size is not kept from a program for longer than this, whatever is being typed. */
const resizeWaitMillis = 1_000
/** Some programs ignore an Enter that comes so soon after a paste. */
const pasteGuardMillis = 150
/** How long an answer of the kernel's that a program has its terminal for itself is taken for granted. */
const rawMillis = 1_000
/** A program that takes its terminal over so late had its Enter, whatever became of it. */
const owedMillis = 60_000

export const make = (options: TerminalWriterOptions): Effect.Effect<TerminalWriter, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { changes, rules, screen } = options
    const clock = yield* Effect.clock
    const now = () => steadyMillis(clock)
    const terminal = FifoLock.make()
    const runOwed = yield* FiberHandle.makeRuntime<never>()
    /** A keystroke came, and one was written: they part while the terminal is taken. */
    let humanCameUntil = Number.NEGATIVE_INFINITY
    let humanWroteUntil = Number.NEGATIVE_INFINITY
    /** Where the screen stood when the last key was written, and until when it may still show nothing of it. */
    let keyUnseen: { readonly position: number; readonly untilMillis: number } | undefined
    let settledAtMillis = Number.NEGATIVE_INFINITY
    let keystrokesWaiting = 0
    let keysWritten = 0
    let waiting: WaitingReason | undefined
    let rawUntilMillis = Number.NEGATIVE_INFINITY
    /** What was typed last: what an interrupted program may put back into its composer. */
    let lastText = ""
    /** A line that was typed while the kernel edited lines and nobody read: when the program takes over, its Enter is missing. */
    let owedUntilMillis: number | undefined
    let owedLook = false
    let kernelEchoes: 0 | 1 = 0

    const write = (data: string) =>
      // Others' keystrokes fill the backlog, and nothing of ours was written: wait until the program reads again. What
      // would never fit is given up.
      Effect.retry(options.write(data), {
        schedule: backlogRetry,
        while: (error) => error._tag === "PtyBacklogFull" && Buffer.byteLength(data) <= error.limitBytes
      })

    const isBracketed = () => options.isPasteBracketed() || rules.brackets === "always"

    /** Undefined: the program has the terminal for itself, as far as can be told. */
    const cookedMode = Effect.suspend(() => {
      if (screen.isKnown || isBracketed() || now() < rawUntilMillis) return Effect.succeed(undefined)
      return Effect.map(options.lineMode, (mode) => {
        if (mode === undefined || mode.canonical || mode.echo) return mode
        rawUntilMillis = now() + rawMillis
        return undefined
      })
    })

    /** The bytes of a text, and how the program will know its end. The blank ends what would be live input at its end. */
    const bytesOf = (text: string, mode: LineMode | undefined) =>
      isBracketed()
        ? `\x1b[200~${text} \x1b[201~`
        : mode?.endOfFile !== undefined && canonical.hasLongLine(text)
          ? canonical.inPieces(text, mode.endOfFile)
          : mode?.canonical === true
            ? text
            : `${text} `

    /** What the program put back into its composer: a text of ours that it had not begun with. */
    const interrupt = Effect.gen(function* () {
      if (rules.interrupt === undefined || (rules.isBusy !== undefined && !options.isBusy())) return
      if (rules.interrupt.lastResort === true && !options.screenCounts()) return
      yield* write(rules.interrupt.keys)
      const until = now() + rules.interrupt.gapMillis
      if (rules.isBusy === undefined) return yield* Effect.sleep(rules.interrupt.gapMillis)
      while (options.isBusy() && now() < until) {
        yield* changes.after(changes.count(), until)
      }
    })

    const returned = () =>
      lastText !== "" && screen.composer(lastText) === "ours" && isOurs(screen.composed()) ? lastText : ""

    interface Written {
      readonly state: Submission.Submission
      /** All that stands in the composer then. */
      readonly text: string
      readonly mode: LineMode | undefined
    }
    /** Writes the text, unless a gate closed meanwhile. */
    const writeText = (paste: Paste): Effect.Effect<Written | ClosedGate, WriteError> =>
      Effect.gen(function* () {
        let before = ""
        if (paste.isSteer && paste.gate() === undefined) {
          yield* interrupt
          before = returned()
        }
        const mode = yield* cookedMode
        const owes = mode?.canonical === true && !(yield* options.isReading)
        const closed = paste.gate()
        if (closed !== undefined && !(closed.reason === "composer_not_empty" && before !== "")) return closed
        const wasBusy = options.isBusy()
        const text = before === "" ? paste.text : `${before}\n${paste.text}`
        paste.onWriting()
        screen.unsafeTyped(text)
        yield* write(bytesOf(before === "" ? paste.text : `\n${paste.text}`, mode))
        lastText = text
        if (owes) owedUntilMillis = now() + owedMillis
        return { state: Submission.written(now(), wasBusy), text, mode }
      })

    const guardOf = (text: string) => {
      const guard = rules.enterGuard(Buffer.byteLength(text))
      return !screen.isKnown && isBracketed()
        ? { ...guard, gapMillis: Math.max(guard.gapMillis, pasteGuardMillis) }
        : guard
    }

    const paste = (paste: Paste): Effect.Effect<Evidence | undefined, WriteError> =>
      Effect.gen(function* () {
        let submission: Submission.SubmissionRules | undefined
        let text = paste.text
        let state: Submission.Submission | undefined
        let told: string | undefined
        let seen = changes.count()
        let enteredAt = Number.POSITIVE_INFINITY
        let keysBefore = 0
        const look = (current: Submission.Submission): Submission.Step | undefined => {
          seen = changes.count()
          waiting = undefined
          if (paste.isOver() || submission === undefined) return undefined
          const echo = paste.echo()
          const composer = submission.known ? screen.composer(text) : undefined
          const [next, step] = Submission.next(submission, current, {
            nowMillis: now(),
            composer,
            busy: options.isBusy(),
            touched: keysWritten > keysBefore,
            asking: options.isAsking(),
            pause:
              humanUntil() >= settledAtMillis
                ? { untilMillis: humanUntil(), reason: "human_typing" }
                : { untilMillis: settledAtMillis, reason: "not_ready" },
            screenCounts: options.screenCounts(),
            queued: paste.isQueued(),
            inTranscript: submission.known && composer === "empty" && screen.isInTranscript(paste.ids.slice(-1)),
            answered: screen.position() > enteredAt,
            stands: !submission.known && isBracketed() && screen.standsBeforeCursor(text),
            // Before the Enter of a line the kernel holds it back, and what came is the kernel's.
            echoed: current.enters === 0 ? echo.last > 0 : echo.all > kernelEchoes
          })
          state = next
          waiting = step._tag === "Wait" ? step.reason : undefined
          return step
        }
        const enter = (current: Submission.Submission) =>
          Effect.map(
            Effect.suspend(() => {
              enteredAt = screen.position()
              return write("\r")
            }),
            () => {
              state = Submission.entered(current, now())
              told = undefined
              if (state.enters === 1) paste.onEnter()
            }
          )

        /** With the terminal in hand: up to the Enter, or to where others must have it. */
        const upToEnter = Effect.gen(function* () {
          if (state === undefined) {
            const written = yield* writeText(paste)
            if ("reason" in written) return
            keysBefore = keysWritten
            text = written.text
            kernelEchoes = written.mode?.echo === true ? 1 : 0
            submission = { guard: guardOf(text), evidenceMillis: rules.evidenceMillis, known: screen.isKnown }
            state = written.state
          }
          while (state.enters === 0) {
            const step = look(state)
            if (step === undefined || step._tag === "Done") return
            if (step._tag === "Enter") {
              yield* enter(state)
              // A key in the same read as the Enter would make a paste of both.
              seen = changes.count()
              if (screen.position() <= enteredAt) yield* changes.after(seen, now() + enterAloneMillis)
            } else if (step.release) return
            else yield* changes.after(seen, step.untilMillis)
          }
        })
        const again = (current: Submission.Submission) =>
          terminal.withLock(
            Effect.suspend(() => (look(current)?._tag === "Enter" ? enter(state ?? current) : Effect.void))
          )

        for (;;) {
          if (paste.isOver()) return undefined
          if (state === undefined || state.enters === 0) {
            yield* terminal.withLock(upToEnter)
            if (state === undefined) {
              seen = changes.count()
              const closed = paste.gate()
              waiting = closed?.reason
              if (closed !== undefined) yield* changes.after(seen, closed.reopensAtMillis)
              continue
            }
          }
          const current: Submission.Submission = state
          const step = look(current)
          if (step === undefined) return undefined
          if (step._tag === "Done") {
            if (step.evidence !== "unconfirmed") owedUntilMillis = undefined
            return step.evidence
          }
          const { unproven } = state
          if (unproven !== undefined && unproven !== told) {
            told = unproven
            yield* paste.onUnproven(unproven)
            continue
          }
          if (step._tag === "Enter") yield* current.enters === 0 ? Effect.void : again(current)
          else yield* changes.after(seen, step.untilMillis)
        }
      }).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            waiting = undefined
          })
        )
      )

    /** False: the program asks something, and would take it for an answer. */
    const enterLine = Effect.suspend(() => (options.isAsking() ? Effect.succeed(false) : Effect.as(write("\r"), true)))
    /** With the terminal given back, so that people can answer. What they, or the program, did with the line meanwhile stands. */
    const enterAfterAsking = (line: string) =>
      Effect.gen(function* () {
        for (;;) {
          const seen = changes.count()
          if (!options.isAsking()) {
            if (!["ours", undefined].includes(screen.composer(line))) return
            if (yield* terminal.withLock(enterLine)) return
          }
          yield* changes.after(seen, undefined)
        }
      })

    const command = (line: string, gate: Paste["gate"]) =>
      Effect.gen(function* () {
        const written = Effect.suspend(() =>
          gate() !== undefined
            ? Effect.succeed(undefined)
            : Effect.uninterruptibleMask((restore) =>
                Effect.gen(function* () {
                  yield* restore(write(line))
                  // Who asked for it may leave now; a line without its Enter would stand in everybody's way.
                  yield* Effect.sleep(Math.max(commandGapMillis, rules.enterGuard(Buffer.byteLength(line)).gapMillis))
                  return yield* enterLine
                })
              )
        )
        for (;;) {
          const entered = yield* terminal.withLock(written)
          if (entered !== undefined) return yield* entered ? Effect.void : enterAfterAsking(line)
          const seen = changes.count()
          const closed = gate()
          if (closed !== undefined) yield* changes.after(seen, closed.reopensAtMillis)
        }
      })

    const humanUntil = () => {
      const at = now()
      if (keyUnseen !== undefined && (screen.position() > keyUnseen.position || at >= keyUnseen.untilMillis)) {
        keyUnseen = undefined
      }
      return Math.max(humanWroteUntil, keyUnseen === undefined ? Number.NEGATIVE_INFINITY : keyUnseen.untilMillis)
    }

    const keys: TerminalWriter["keys"] = (data, human, isWanted = () => true) =>
      Effect.suspend((): Effect.Effect<void, WriteError> => {
        const bytes = Buffer.byteLength(data)
        if (keystrokesWaiting + bytes > keystrokeBytes) {
          return Effect.fail(new PtyBacklogFull({ limitBytes: keystrokeBytes }))
        }
        if (human) humanCameUntil = now() + humanMillis
        keystrokesWaiting += bytes
        const typed = Effect.suspend(() => {
          if (!isWanted()) return Effect.void
          if (human) humanWroteUntil = now() + humanMillis
          // Whoever typed it: until a known program has drawn it, its composer may only look empty.
          if (screen.isKnown) keyUnseen = { position: screen.position(), untilMillis: now() + unseenKeyMillis }
          keysWritten += 1
          changes.unsafeChanged()
          return options.write(data)
        })
        return Effect.ensuring(
          terminal.withLock(typed),
          Effect.sync(() => {
            keystrokesWaiting -= bytes
          })
        )
      })

    const resize = (cols: number, rows: number) => {
      const change = Effect.suspend(() => {
        settledAtMillis = now() + rules.resizeMillis
        return options.resize(cols, rows)
      })
      // Not between a text and its Enter, if that can be had soon: some programs lose what they hold.
      return rules.resizeMillis === 0
        ? change
        : Effect.zipRight(Effect.timeoutOption(terminal.withLock(Effect.void), resizeWaitMillis), change)
    }

    /** The program took its terminal over after a line had been typed into it: the line's Enter became a newline. */
    const enterOwed = Effect.gen(function* () {
      if (owedUntilMillis === undefined || now() >= owedUntilMillis) return
      const mode = yield* options.lineMode
      if (mode === undefined || (mode.canonical && !isBracketed())) return
      owedUntilMillis = undefined
      yield* Effect.sleep(pasteGuardMillis)
      yield* terminal.withLock(Effect.suspend(() => (options.isAsking() ? Effect.void : write("\r"))))
    }).pipe(
      Effect.catchAll((error) => Effect.logDebug(error.message)),
      Effect.ensuring(
        Effect.sync(() => {
          owedLook = false
        })
      )
    )

    return {
      paste,
      command,
      keys,
      resize,
      humanUntilMillis: () => Math.max(humanCameUntil, humanUntil()),
      settledAtMillis: () => settledAtMillis,
      waiting: () => waiting,
      kernelEchoes: () => kernelEchoes,
      unsafeDrawn: () => {
        if (owedUntilMillis === undefined || owedLook) return
        owedLook = true
        runOwed(Effect.interruptible(enterOwed))
      }
    }
  })
