/**
 * Types messages into one terminal: one fiber, one paste at a time, no polling. It owns the queue and the gates before
 * typing; the hands are the `Typist`'s.
 *
 * Invariants: 1. nothing is typed before `unsafeOpen` nor after `close` · 2. per kind, messages are typed in the order of
 * their submission, and the next paste waits for the evidence of the last · 3. `onTyping` comes before the first byte;
 * every submitted item gets one `onOutcome`, save at `shutdown`, where unfinished ones get none, because their rows stay
 * (design 4) · 4. the body is written once.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { type PtyBacklogFull, PtyClosed, QueueFull, UnknownWorker } from "../domain/Errors.ts"
import type { AgentName } from "../domain/Ids.ts"
import type { DeadReason, Evidence, WaitingReason } from "../domain/Receipt.ts"
import { Events } from "../events/Events.ts"
import type { TerminalRules } from "../harness/TerminalRules.ts"
import { type Feed, makeFinder, squeeze } from "../pty/terminalText.ts"
import type { Changes } from "./Changes.ts"
import { deliveryEvents } from "./deliveryEvents.ts"
import { type ClosedGate, closedGate } from "./Gates.ts"
import * as Holding from "./Holding.ts"
import * as InjectionQueue from "./InjectionQueue.ts"
import { makeModes } from "./modes.ts"
import { evidenceOf } from "./RelayLine.ts"
import type { Sight } from "./ScreenReader.ts"
import type { Typist } from "./TerminalWriter.ts"
import type { InjectionItem, Worker } from "./Worker.ts"

export interface InjectorOptions {
  readonly agent: AgentName
  readonly rules: TerminalRules
  readonly typist: Typist
  readonly sight: Sight
  readonly isDialogOpen: () => boolean
  readonly changes: Changes
  /** What is typed for messages that go out together, Enter excluded. */
  readonly compose: (items: ReadonlyArray<InjectionItem>, nowMillis: number) => string
  /** Something was queued, typed or confirmed. */
  readonly onProgress: (nowMillis: number) => void
}

export interface Injector {
  readonly submit: (item: InjectionItem) => Effect.Effect<void, QueueFull | UnknownWorker>
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
  /** Stops typing for good and settles what is unfinished. Idempotent: the first reason counts. */
  readonly close: (reason: DeadReason | "shutdown") => Effect.Effect<void>
  readonly queued: () => number
  /** The first closed gate while something waits behind it. */
  readonly waiting: () => WaitingReason | undefined
}

/** One submitted message. */
export interface Entry {
  readonly item: InjectionItem
  readonly queuedAtMillis: number
  readonly finder: Feed<boolean>
  echoed: boolean
  settled: boolean
}

export const queueLimits: InjectionQueue.QueueLimits = { items: 1_000, bytes: 16 * 1024 * 1024 }
/** A closed terminal is normally followed by the program's exit, which has the better reason. */
const exitAfterCloseMillis = 1_000

export const make = (options: InjectorOptions): Effect.Effect<Injector, never, Events | Scope.Scope> =>
  Effect.gen(function* () {
    const { agent, changes, rules, sight, typist } = options
    const events = deliveryEvents(yield* Events, agent)
    const clock = yield* Effect.clock
    const now = () => clock.unsafeCurrentTimeMillis()
    const queue = InjectionQueue.make<Entry>(queueLimits)
    const work = yield* Effect.makeLatch(false)
    const closed = yield* Deferred.make<void>()
    const modes = makeModes({ queue, events, now, onChange: changes.unsafeChanged })
    let open = false
    let closing = false
    let current: ReadonlyArray<Entry> = []
    /** Who waits for a turn to end, and since when. */
    let behindTurn: { readonly head: Entry; readonly sinceMillis: number } | undefined
    let announced: WaitingReason | undefined

    /** `isTaken`: it was let go already, so that a mode set since then does not hold it. */
    const gateFor = (head: Entry | undefined, isTaken: boolean): ClosedGate | undefined => {
      const at = now()
      const busy = sight.isBusy()
      if (!busy || head === undefined) behindTurn = undefined
      else if (behindTurn?.head !== head) behindTurn = { head, sinceMillis: at }
      const delivery = head?.item.delivery
      return closedGate(
        {
          dead: closing,
          held: Holding.reason(modes.holding(), isTaken),
          dialog: options.isDialogOpen(),
          humanUntilMillis: typist.humanUntilMillis(),
          ready: open,
          settledAtMillis: typist.settledAtMillis(),
          composer: sight.composer(""),
          hiddenAtMillis: sight.hiddenAtMillis(),
          awayAtMillis: sight.awayAtMillis(),
          busy,
          busyAtMillis: behindTurn?.sinceMillis,
          mode: delivery?.origin === "engine" || delivery?.origin === "local" ? delivery.message.mode : "wait"
        },
        at
      )
    }

    const announce = (reason: WaitingReason | undefined) => {
      if (reason !== undefined && reason !== announced) events.waiting(reason, queue.size())
      announced = reason
    }
    const gates = Effect.gen(function* () {
      for (;;) {
        const seen = changes.count()
        const head = queue.head()
        const gate = head === undefined ? undefined : gateFor(head, false)
        announce(gate?.reason)
        if (gate === undefined) return
        if (gate.reason === "dead") yield* Effect.never // until `close` interrupts
        yield* changes.after(seen, gate.reopensAtMillis)
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
    /** `GivenUp`: no terminal will do better. */
    const giveUp = (entry: Entry, reason: DeadReason, outcome: "NotSubmitted" | "GivenUp" = "NotSubmitted") =>
      Effect.suspend(() => {
        if (entry.settled) return Effect.void
        entry.settled = true
        events.failed(entry.item, reason)
        return guarded(entry, entry.item.onOutcome({ _tag: outcome, reason }))
      }).pipe(Effect.uninterruptible)

    const paste = (entries: ReadonlyArray<Entry>, head: Entry) =>
      Effect.gen(function* () {
        const items = entries.map((entry) => entry.item)
        // Side by side, so that the durable marks of one paste share a commit.
        yield* together(entries, (entry) => Effect.uninterruptible(guarded(entry, entry.item.onTyping)))
        const evidence = yield* typist.paste({
          text: options.compose(items, now()),
          isSteer: items[0]?.delivery.message.mode === "steer",
          gate: () => gateFor(head, true),
          echo: () => ({ last: entries.at(-1)?.echoed ?? false, all: entries.every(({ echoed }) => echoed) }),
          onWriting: () => {
            for (const entry of entries) entry.echoed = false
          },
          onEnter: () => {
            const enteredAt = now()
            options.onProgress(enteredAt)
            for (const item of items) events.injected(item, enteredAt)
          }
        })
        const own = (entry: Entry): Evidence =>
          evidence !== "unconfirmed" ? evidence : entry.echoed ? "echo" : "unconfirmed"
        yield* together(entries, (entry) => confirm(entry, own(entry)))
      })

    const together = (entries: ReadonlyArray<Entry>, run: (entry: Entry) => Effect.Effect<void>) =>
      entries.length === 1 && entries[0] !== undefined
        ? run(entries[0])
        : Effect.forEach(entries, run, { concurrency: "unbounded", discard: true })

    const next = Effect.gen(function* () {
      yield* work.await
      yield* gates
      current = modes.take(rules.paste)
      if (queue.isEmpty()) work.unsafeClose()
      const [head] = current
      if (head === undefined) return
      yield* paste(current, head).pipe(
        Effect.catchTag("PtyBacklogFull", (error: PtyBacklogFull) =>
          Effect.zipRight(
            Effect.logWarning(`a message for '${agent}' is too large to be typed: ${error.message}`),
            Effect.forEach(current, (entry) => giveUp(entry, "pty_write_failed", "GivenUp"), { discard: true })
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
      Effect.catchTag("PtyClosed", (error: PtyClosed) =>
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
      Effect.suspend((): Effect.Effect<void, QueueFull | UnknownWorker> => {
        if (closing) return Effect.fail(new UnknownWorker({ agent }))
        const at = now()
        const finder = makeFinder(evidenceOf(item.delivery.message))
        const entry: Entry = { item, queuedAtMillis: at, finder, echoed: false, settled: false }
        if (!queue.offer(entry)) return Effect.fail(new QueueFull({ agent, limit: queueLimits.items }))
        options.onProgress(at)
        if (modes.isHeld()) events.held(item)
        else events.queued(item, at)
        work.unsafeOpen()
        changes.unsafeChanged()
        return Effect.void
      })

    const command = (line: string) =>
      Effect.raceFirst(
        typist.command(line, () => gateFor(undefined, true)),
        Effect.zipRight(Deferred.await(closed), Effect.fail(new PtyClosed({ written: 0, total: line.length })))
      )

    const close = (reason: DeadReason | "shutdown") =>
      Effect.suspend(() => {
        if (closing) return Deferred.await(closed)
        closing = true
        return Effect.zipRight(Effect.uninterruptible(Fiber.interrupt(fiber)), settleAll(reason))
      }).pipe(Effect.asVoid)

    return {
      submit,
      mode: modes.mode,
      setMode: modes.setMode,
      flush: modes.flush,
      pending: modes.pending,
      stop: modes.stop,
      command,
      unsafeOpen: () => {
        open = true
        changes.unsafeChanged()
      },
      unsafeOutput: (plain) => {
        if (current.length === 0 || plain === "") return
        const squeezed = squeeze(plain)
        for (const entry of current) entry.echoed ||= entry.finder(squeezed)
      },
      close,
      queued: queue.size,
      waiting: () => {
        if (current.length > 0) return typist.waiting()
        const head = queue.head()
        return head === undefined ? undefined : gateFor(head, false)?.reason
      }
    }
  })
