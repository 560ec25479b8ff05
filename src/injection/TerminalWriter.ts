/**
 * The hands at one terminal: everything that is written to it goes through here, in order. A paste is a text in one write,
 * its Enter, and the evidence that it was submitted (`Submission` decides); keystrokes of others never come between a text
 * and its Enter, save while a dialog stands or somebody must finish what he mixed in.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { PtyBacklogFull, type PtyClosed } from "../domain/Errors.ts"
import * as FifoLock from "../domain/FifoLock.ts"
import type { Evidence, WaitingReason } from "../domain/Receipt.ts"
import type { TerminalRules } from "../harness/TerminalRules.ts"
import type { Changes } from "./Changes.ts"
import * as canonical from "./canonical.ts"
import type { ClosedGate } from "./Gates.ts"
import type { Sight } from "./ScreenReader.ts"
import * as Submission from "./Submission.ts"

type WriteError = PtyClosed | PtyBacklogFull

export interface TypistOptions {
  readonly rules: TerminalRules
  readonly write: (data: string) => Effect.Effect<void, WriteError>
  readonly resize: (cols: number, rows: number) => Effect.Effect<void, PtyClosed>
  /** The end-of-file character of a terminal in canonical mode; undefined in raw mode, or when it cannot be told. */
  readonly canonicalEof: Effect.Effect<string | undefined>
  readonly sight: Sight
  readonly isDialogOpen: () => boolean
  /** Output, dialogs, gates: whatever may let something go on. */
  readonly changes: Changes
  /** Whether the program asked for pastes in brackets. */
  readonly isPasteBracketed: () => boolean
}

export interface Paste {
  /** Enter excluded. */
  readonly text: string
  readonly isSteer: boolean
  /** The first closed gate: asked again immediately before the first byte. */
  readonly gate: () => ClosedGate | undefined
  /** The id of the last message came back since the text was written, and those of all. */
  readonly echo: () => { readonly last: boolean; readonly all: boolean }
  readonly onWriting: () => void
  readonly onEnter: () => void
}

export interface Typist {
  /** Completes with the evidence of the whole paste. */
  readonly paste: (paste: Paste) => Effect.Effect<Evidence, WriteError>
  /** A line for the program itself, such as a slash command, between two pastes and behind the same gates. */
  readonly command: (line: string, gate: Paste["gate"]) => Effect.Effect<void, WriteError>
  /** Keystrokes of others; a person's make everything wait for 2 s. `isWanted` is asked when it is their turn. */
  readonly keys: (data: string, human: boolean, isWanted?: () => boolean) => Effect.Effect<void, WriteError>
  readonly resize: (cols: number, rows: number) => Effect.Effect<void, PtyClosed>
  /** Until when a person's last keystroke holds typing. */
  readonly humanUntilMillis: () => number
  /** What is typed before this time may be lost to a change of size. */
  readonly settledAtMillis: () => number
  /** Why the paste in progress does not go on. */
  readonly waiting: () => WaitingReason | undefined
}

const humanMillis = 2_000
/** Between a command and its Enter: a completion menu has opened by then. */
const commandGapMillis = 100
/** Longest time for which others' keys are kept from an Enter that was not answered yet. */
const enterAloneMillis = 50
const keystrokeBytes = 8 * 1024 * 1024
const backlogRetry = Schedule.spaced("250 millis")
/** A change of size is not kept from a program for longer than this, whatever is being typed. */
const resizeWaitMillis = 1_000

export const make = (options: TypistOptions): Effect.Effect<Typist> =>
  Effect.gen(function* () {
    const { changes, rules, sight } = options
    const clock = yield* Effect.clock
    const now = () => clock.unsafeCurrentTimeMillis()
    const terminal = FifoLock.make()
    /** A keystroke came, and one was written: they part while the terminal is taken. */
    let humanCameUntil = Number.NEGATIVE_INFINITY
    let humanWroteUntil = Number.NEGATIVE_INFINITY
    let settledAtMillis = Number.NEGATIVE_INFINITY
    let keystrokesWaiting = 0
    let keysWritten = 0
    let waiting: WaitingReason | undefined

    const write = (data: string) =>
      // Others' keystrokes fill the backlog, and nothing of ours was written: wait until the program reads again. What
      // would never fit is given up.
      Effect.retry(options.write(data), {
        schedule: backlogRetry,
        while: (error) => error._tag === "PtyBacklogFull" && Buffer.byteLength(data) <= error.limitBytes
      })

    /** The bytes of a text, and how the program will know its end. */
    const bytesOf = (text: string) =>
      options.isPasteBracketed() || rules.brackets === "always"
        ? Effect.succeed(`\x1b[200~${text}\x1b[201~`)
        : canonical.hasLongLine(text)
          ? Effect.map(options.canonicalEof, (eof) => (eof === undefined ? text : canonical.inPieces(text, eof)))
          : Effect.succeed(text)

    const interrupt = Effect.gen(function* () {
      if (rules.interrupt === undefined || (rules.isBusy !== undefined && !sight.isBusy())) return
      yield* write(rules.interrupt.keys)
      const until = now() + rules.interrupt.gapMillis
      if (rules.isBusy === undefined) return yield* Effect.sleep(rules.interrupt.gapMillis)
      while (sight.isBusy() && now() < until) {
        yield* changes.after(changes.count(), until)
      }
    })

    /** Writes the text, unless a gate closed meanwhile. */
    const writeText = (paste: Paste) =>
      Effect.gen(function* () {
        if (paste.isSteer && paste.gate() === undefined) yield* interrupt
        const data = yield* bytesOf(paste.text)
        const closed = paste.gate()
        if (closed !== undefined) return closed
        const wasBusy = sight.isBusy()
        paste.onWriting()
        yield* write(data)
        return Submission.written(now(), wasBusy)
      })

    const paste = (paste: Paste): Effect.Effect<Evidence, WriteError> =>
      Effect.gen(function* () {
        const submission: Submission.SubmissionRules = {
          guard: rules.enterGuard(Buffer.byteLength(paste.text)),
          evidenceMillis: rules.evidenceMillis,
          readable: sight.isReadable()
        }
        let state: Submission.Submission | undefined
        let seen = changes.count()
        let enteredAt = Number.POSITIVE_INFINITY
        let keysBefore = 0
        const look = (current: Submission.Submission) => {
          seen = changes.count()
          const echo = paste.echo()
          const [next, step] = Submission.next(submission, current, {
            nowMillis: now(),
            composer: submission.readable ? sight.composer(paste.text) : undefined,
            busy: sight.isBusy(),
            touched: keysWritten > keysBefore,
            dialog: options.isDialogOpen(),
            pause:
              humanWroteUntil >= settledAtMillis
                ? { untilMillis: humanWroteUntil, reason: "human_typing" }
                : { untilMillis: settledAtMillis, reason: "not_ready" },
            answered: sight.position() > enteredAt,
            echoed: current.enters === 0 ? echo.last : echo.all
          })
          state = next
          waiting = step._tag === "Wait" ? step.reason : undefined
          return step
        }
        const enter = (current: Submission.Submission) =>
          Effect.map(
            Effect.suspend(() => {
              enteredAt = sight.position()
              return write("\r")
            }),
            () => {
              state = Submission.entered(current, now())
              if (state.enters === 1) paste.onEnter()
            }
          )

        /** With the terminal in hand: up to the Enter, or to where others must have it. */
        const upToEnter = Effect.gen(function* () {
          if (state === undefined) {
            const written = yield* writeText(paste)
            if ("reason" in written) return
            keysBefore = keysWritten
            state = written
          }
          while (state.enters === 0) {
            const step = look(state)
            if (step._tag === "Done") return
            if (step._tag === "Enter") {
              yield* enter(state)
              // A key in the same read as the Enter would make a paste of both.
              seen = changes.count()
              if (sight.position() <= enteredAt) yield* changes.after(seen, now() + enterAloneMillis)
            } else if (step.release) return
            else yield* changes.after(seen, step.untilMillis)
          }
        })
        const again = (current: Submission.Submission) =>
          terminal.withLock(Effect.suspend(() => (look(current)._tag === "Enter" ? enter(state!) : Effect.void)))

        for (;;) {
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
          if (step._tag === "Done") return step.evidence
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

    /** False: a dialog stands, and would take it. */
    const enterLine = Effect.suspend(() =>
      options.isDialogOpen() ? Effect.succeed(false) : Effect.as(write("\r"), true)
    )
    /** With the terminal given back, so that people can answer. What they, or the program, did with the line meanwhile stands. */
    const enterAfterDialog = (line: string) =>
      Effect.gen(function* () {
        for (;;) {
          const seen = changes.count()
          if (!options.isDialogOpen()) {
            if (!["ours", undefined].includes(sight.composer(line))) return
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
          if (entered !== undefined) return yield* entered ? Effect.void : enterAfterDialog(line)
          const seen = changes.count()
          const closed = gate()
          if (closed !== undefined) yield* changes.after(seen, closed.reopensAtMillis)
        }
      })

    const keys: Typist["keys"] = (data, human, isWanted = () => true) =>
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

    return {
      paste,
      command,
      keys,
      resize,
      humanUntilMillis: () => Math.max(humanCameUntil, humanWroteUntil),
      settledAtMillis: () => settledAtMillis,
      waiting: () => waiting
    }
  })
