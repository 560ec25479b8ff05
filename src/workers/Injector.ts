/**
 * Types messages into one terminal: one fiber, one paste at a time, no polling. It owns the queue, the gates before
 * typing, the Enter after it and the evidence of it.
 *
 * Invariants: 1. nothing is typed before `unsafeOpen` nor after `close` · 2. per kind, messages are typed in the order of
 * their submission, and the next paste waits for the evidence of the last · 3. `onTyping` comes before the first byte;
 * every submitted item gets one `onOutcome`, save at `shutdown`, where unfinished ones get none, because their rows stay
 * (design 4) · 4. the body is written once; between body and Enter no keystroke of others comes in.
 *
 * A program in canonical mode loses what exceeds 4,095 bytes of one line (L 5.3); the lines of messages are not folded here.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { PtyBacklogFull, PtyClosed, QueueFull, UnknownWorker } from "../domain/Errors.ts"
import type { AgentName } from "../domain/Ids.ts"
import type { DeadReason, DeliveryMode, Evidence, WaitingReason } from "../domain/Receipt.ts"
import { Events } from "../events/Events.ts"
import type { TerminalRules } from "../harness/TerminalRules.ts"
import type { ScreenView } from "../pty/ScreenView.ts"
import { deliveryEvents } from "./deliveryEvents.ts"
import * as FifoLock from "./FifoLock.ts"
import * as Holding from "./Holding.ts"
import * as InjectionQueue from "./InjectionQueue.ts"
import { evidenceOf } from "./injectionText.ts"
import { type Feed, makeFinder, squeeze } from "./terminalText.ts"
import type { InjectionItem, Worker } from "./Worker.ts"

export interface InjectorOptions {
  readonly agent: AgentName
  readonly rules: TerminalRules
  readonly write: (data: string) => Effect.Effect<void, PtyClosed | PtyBacklogFull>
  /** What is typed for messages that go out together, Enter excluded. */
  readonly compose: (items: ReadonlyArray<InjectionItem>, nowMillis: number) => string
  /** Something was queued, typed or confirmed. */
  readonly onProgress: (nowMillis: number) => void
}

export interface Injector {
  readonly submit: (item: InjectionItem) => Effect.Effect<void, QueueFull | UnknownWorker>
  /** Keystrokes of others: in order, never between a body and its Enter; after those of a person typing pauses for 2 s. */
  readonly type: (data: string, human: boolean) => Effect.Effect<void, PtyClosed | PtyBacklogFull>
  /** As `Worker` has them. */
  readonly mode: Worker["mode"]
  readonly setMode: Worker["setMode"]
  readonly pending: Worker["pending"]
  readonly flush: Worker["flush"]
  /** Nothing more is typed, for as long as it stands. */
  readonly stop: (stopped: boolean) => Effect.Effect<void>
  /** A line for the program itself, such as a slash command: typed and entered between pastes, behind the same gates. */
  readonly command: (line: string) => Effect.Effect<void, PtyClosed | PtyBacklogFull>
  /** The program may be typed to. */
  readonly unsafeOpen: () => void
  /** Output without escape sequences, as it comes. */
  readonly unsafeOutput: (plain: string) => void
  /** What is shown after each piece of output; comes after `unsafeOutput` of that piece. Read it in this turn. */
  readonly unsafeScreen: (view: ScreenView) => void
  /** Stops typing for good and settles what is unfinished. Idempotent: the first reason counts. */
  readonly close: (reason: DeadReason | "shutdown") => Effect.Effect<void>
  readonly queued: () => number
  /** The first closed gate while something waits behind it. */
  readonly waiting: (nowMillis: number) => WaitingReason | undefined
}

/** One submitted message. */
interface Entry {
  readonly item: InjectionItem
  readonly queuedAtMillis: number
  readonly finder: Feed<boolean>
  readonly echo: Deferred.Deferred<void>
  echoed: boolean
  settled: boolean
}

export const queueLimits: InjectionQueue.QueueLimits = { items: 1_000, bytes: 16 * 1024 * 1024 }
const humanMillis = 2_000
/** Between a command and its Enter: a completion menu has opened by then. */
const commandGapMillis = 100
const keystrokeBytes = 8 * 1024 * 1024
const backlogRetry = Schedule.spaced("250 millis")
/** A closed terminal is normally followed by the program's exit, which has the better reason. */
const exitAfterCloseMillis = 1_000

export const make = (options: InjectorOptions): Effect.Effect<Injector, never, Events | Scope.Scope> =>
  Effect.gen(function* () {
    const { agent, rules } = options
    const events = deliveryEvents(yield* Events, agent)
    const clock = yield* Effect.clock
    const now = () => clock.unsafeCurrentTimeMillis()
    const queue = InjectionQueue.make<Entry>(queueLimits)
    const work = yield* Effect.makeLatch(false)
    /** Opened by whatever may have opened a gate. */
    const changed = yield* Effect.makeLatch(false)
    let holding = Holding.initial
    const closed = yield* Deferred.make<void>()
    const terminal = FifoLock.make()
    let open = false
    let closing = false
    let current: ReadonlyArray<Entry> = []
    let pasteBracketed = false
    let humanUntil = Number.NEGATIVE_INFINITY
    let keystrokesWaiting = 0

    const closedGate = (at: number): WaitingReason | undefined =>
      closing
        ? "dead"
        : (Holding.reason(holding) ?? (at < humanUntil ? "human_typing" : open ? undefined : "not_ready"))

    const gates = Effect.gen(function* () {
      for (let gate = closedGate(now()); gate !== undefined; gate = closedGate(now())) {
        if (gate === "dead") yield* Effect.never // until `close` interrupts
        changed.unsafeClose()
        yield* gate === "human_typing" ? Effect.sleep(humanUntil - now()) : changed.await
      }
    })

    const guarded = (entry: Entry, hook: Effect.Effect<void>) =>
      Effect.catchAllDefect(hook, (defect) =>
        Effect.logError(`hook of delivery ${entry.item.delivery.deliveryId} for '${agent}' died`, defect)
      )
    const confirm = (entry: Entry, evidence: Evidence) =>
      Effect.suspend(() => {
        entry.settled = true
        const atMillis = now()
        options.onProgress(atMillis)
        events.ack(entry.item, atMillis)
        return Effect.zipRight(
          guarded(entry, entry.item.onOutcome({ _tag: "Submitted", evidence, atMillis })),
          Effect.sync(() => events.verified(entry.item, evidence, rules.evidenceMillis))
        )
      }).pipe(Effect.uninterruptible)
    const giveUp = (entry: Entry, reason: DeadReason) =>
      Effect.suspend(() => {
        if (entry.settled) return Effect.void
        entry.settled = true
        events.failed(entry.item, reason)
        return guarded(entry, entry.item.onOutcome({ _tag: "NotSubmitted", reason }))
      }).pipe(Effect.uninterruptible)

    const write = (data: string) =>
      // Others' keystrokes fill the backlog, and nothing of ours was written: wait until the program reads again. What
      // would never fit is given up.
      Effect.retry(options.write(data), {
        schedule: backlogRetry,
        while: (error) => error._tag === "PtyBacklogFull" && Buffer.byteLength(data) <= error.limitBytes
      })

    const shown = (entry: Entry, millis: number) =>
      entry.echoed || millis <= 0 ? Effect.void : Effect.timeoutOption(Deferred.await(entry.echo), millis)

    const paste = (entries: ReadonlyArray<Entry>) =>
      Effect.gen(function* () {
        const items = entries.map((entry) => entry.item)
        // Side by side, so that the durable marks of one paste share a commit.
        yield* together(entries, (entry) => Effect.uninterruptible(guarded(entry, entry.item.onTyping)))
        const text = options.compose(items, now())
        const interrupt = items[0]?.delivery.message.mode === "steer" ? rules.interrupt : undefined
        const guard = rules.enterGuard(Buffer.byteLength(text))
        yield* terminal.withLock(
          Effect.gen(function* () {
            if (interrupt !== undefined) {
              yield* write(interrupt.keys)
              yield* Effect.sleep(interrupt.gapMillis)
            }
            yield* write(pasteBracketed ? `\x1b[200~${text}\x1b[201~` : text)
            yield* shown(entries[entries.length - 1]!, guard.showMillis)
            if (guard.gapMillis > 0) yield* Effect.sleep(guard.gapMillis)
            yield* write("\r")
          })
        )
        const enteredAt = now()
        options.onProgress(enteredAt)
        for (const item of items) events.injected(item, enteredAt)
        yield* together(entries, (entry) =>
          Effect.suspend(() => shown(entry, enteredAt + rules.evidenceMillis - now())).pipe(
            Effect.zipRight(Effect.suspend(() => confirm(entry, entry.echoed ? "echo" : "unconfirmed")))
          )
        )
      })

    const together = (entries: ReadonlyArray<Entry>, run: (entry: Entry) => Effect.Effect<void>) =>
      entries.length === 1 && entries[0] !== undefined
        ? run(entries[0])
        : Effect.forEach(entries, run, { concurrency: "unbounded", discard: true })

    const next = Effect.gen(function* () {
      yield* work.await
      yield* gates
      current = queue.take({ ...rules.paste, messages: Math.min(rules.paste.messages, Holding.room(holding)) })
      holding = Holding.taken(holding, current.length)
      if (queue.isEmpty()) work.unsafeClose()
      yield* paste(current).pipe(
        Effect.catchTag("PtyBacklogFull", (error) =>
          Effect.zipRight(
            Effect.logWarning(`a message for '${agent}' is too large to be typed: ${error.message}`),
            Effect.forEach(current, (entry) => giveUp(entry, "pty_write_failed"), { discard: true })
          )
        )
      )
      queue.release(current)
      current = []
    })

    /** The end of all typing; the caller has made sure that the fiber types no more. */
    const settleAll = (reason: DeadReason | "shutdown") =>
      Effect.suspend(() => {
        const left = [...current, ...queue.takeAll()]
        queue.release(left)
        current = []
        return reason === "shutdown"
          ? Effect.void
          : Effect.forEach(left, (entry) => giveUp(entry, reason), { discard: true })
      }).pipe(Effect.zipRight(Deferred.succeed(closed, undefined)), Effect.uninterruptible)

    const fiber = yield* Effect.forever(next).pipe(
      Effect.catchTag("PtyClosed", (error) =>
        Effect.gen(function* () {
          yield* Effect.logDebug(`'${agent}': ${error.message}`)
          yield* Effect.sleep(exitAfterCloseMillis)
          closing = true
          yield* settleAll("pty_write_failed")
        })
      ),
      Effect.forkScoped
    )

    const submit = (item: InjectionItem) =>
      Effect.gen(function* () {
        if (closing) return yield* new UnknownWorker({ agent })
        const finder = makeFinder(evidenceOf(item.delivery.message))
        const at = now()
        const echo = yield* Deferred.make<void>()
        const entry: Entry = { item, queuedAtMillis: at, finder, echo, echoed: false, settled: false }
        if (!queue.offer(entry)) return yield* new QueueFull({ agent, limit: queueLimits.items })
        options.onProgress(at)
        if (isHeld()) events.held(item)
        else events.queued(item, at)
        work.unsafeOpen()
      })

    const isHeld = () => holding.mode === "manual_flush" && queue.list().length > holding.allowance
    /** Lets `count` go, those in this queue being the first. */
    const letGo = (
      waiting: ReadonlyArray<Entry>,
      reason: "explicit_flush" | "delivery_mode_transition",
      count: number
    ) => {
      const at = now()
      for (const { item } of waiting) events.queued(item, at)
      events.drained(count, reason)
      changed.unsafeOpen()
    }
    const flush = (behind = 0) =>
      Effect.sync(() => {
        if (holding.mode === "auto_inject") return 0
        const waiting = queue.list()
        const count = waiting.length + behind
        const before = holding.allowance
        holding = Holding.flush(holding, count)
        letGo(waiting.slice(before), "explicit_flush", count - Math.min(before, count))
        return count
      })
    const setMode = (mode: DeliveryMode, behind = 0) =>
      Effect.sync(() => {
        const previous = holding.mode
        if (previous === mode) return { previous, flushed: 0 }
        const { allowance } = holding
        const waiting = queue.list()
        holding = Holding.withMode(holding, mode)
        events.modeChanged(previous, mode)
        if (mode === "manual_flush") return { previous, flushed: 0 }
        const flushed = Math.max(0, waiting.length + behind - allowance)
        letGo(waiting.slice(allowance), "delivery_mode_transition", flushed)
        return { previous, flushed }
      })

    const type = (data: string, human: boolean) =>
      Effect.suspend((): Effect.Effect<void, PtyClosed | PtyBacklogFull> => {
        const bytes = Buffer.byteLength(data)
        if (keystrokesWaiting + bytes > keystrokeBytes) {
          return Effect.fail(new PtyBacklogFull({ limitBytes: keystrokeBytes }))
        }
        if (human) humanUntil = now() + humanMillis
        keystrokesWaiting += bytes
        return Effect.ensuring(
          terminal.withLock(options.write(data)),
          Effect.sync(() => {
            keystrokesWaiting -= bytes
          })
        )
      })

    const command = (line: string) =>
      Effect.gen(function* () {
        yield* gates
        const guard = rules.enterGuard(Buffer.byteLength(line))
        yield* terminal.withLock(
          Effect.gen(function* () {
            yield* write(line)
            yield* Effect.sleep(Math.max(commandGapMillis, guard.gapMillis))
            yield* write("\r")
          })
        )
      }).pipe(
        Effect.raceFirst(
          Effect.zipRight(Deferred.await(closed), Effect.fail(new PtyClosed({ written: 0, total: line.length })))
        )
      )

    const close = (reason: DeadReason | "shutdown") =>
      Effect.suspend(() => {
        if (closing) return Deferred.await(closed)
        closing = true
        return Effect.zipRight(Effect.uninterruptible(Fiber.interrupt(fiber)), settleAll(reason))
      }).pipe(Effect.asVoid)

    return {
      submit,
      type,
      mode: Effect.sync(() => holding.mode),
      setMode,
      flush,
      pending: Effect.sync(() =>
        holding.mode === "auto_inject"
          ? []
          : queue
              .list()
              .slice(holding.allowance)
              .map(({ item, queuedAtMillis }) => ({ delivery: item.delivery, queuedAtMillis }))
      ),
      stop: (stopped) =>
        Effect.sync(() => {
          holding = { ...holding, stopped }
          changed.unsafeOpen()
        }),
      command,
      unsafeOpen: () => {
        open = true
        changed.unsafeOpen()
      },
      unsafeOutput: (plain) => {
        if (current.length === 0 || plain === "") return
        const squeezed = squeeze(plain)
        for (const entry of current) {
          if (entry.echoed || !entry.finder(squeezed)) continue
          entry.echoed = true
          Deferred.unsafeDone(entry.echo, Effect.void)
        }
      },
      unsafeScreen: (view) => {
        pasteBracketed = view.modes.bracketedPaste
      },
      close,
      queued: queue.size,
      waiting: (at) => (current.length > 0 || queue.isEmpty() ? undefined : closedGate(at))
    }
  })
