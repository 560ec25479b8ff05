/**
 * Puts messages into one program: one fiber, one batch at a time, no polling. It owns the queue, the gates before a batch, and
 * what is known of each message: the terminal is the `TerminalWriter`'s, the program's own calls and signals the
 * `ChannelLink`'s.
 *
 * Invariants: 1. nothing is put in before the program is ready nor after `close` · 2. per kind, messages go in the order of
 * their submission, and the next batch waits for the proof of the last · 3. `onTyping` comes before the first byte or call;
 * every submitted item gets one `onOutcome`, save at `shutdown`, where unfinished ones get none, because their rows stay ·
 * 4. a text is put in once; again only when it certainly was not taken, or when a person says so · 5. a proof counts
 * whenever it comes, also for a message that waits to be put in again.
 */
import { randomUUID } from "node:crypto"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import { type PtyBacklogFull, PtyClosed, QueueFull, UnknownWorker } from "../domain/Errors.ts"
import type { AgentName, DeliveryId } from "../domain/Ids.ts"
import type { ChannelName, DeadReason, Evidence, WaitingReason } from "../domain/Receipt.ts"
import { steadyMillis } from "../domain/Steady.ts"
import { supervised } from "../domain/Supervision.ts"
import { Events } from "../events/Events.ts"
import { type Batch, messageIdsIn, type Put, type Signal, type Which } from "../harness/Channel.ts"
import type { TerminalRules } from "../harness/TerminalRules.ts"
import { type Feed, makeFinder, squeeze } from "../pty/terminalText.ts"
import type { Changes } from "./Changes.ts"
import type { ChannelLink } from "./ChannelLink.ts"
import { deliveryEvents } from "./deliveryEvents.ts"
import { type ClosedGate, closedGate } from "./Gates.ts"
import * as Holding from "./Holding.ts"
import * as InjectionQueue from "./InjectionQueue.ts"
import { makeModes } from "./modes.ts"
import { evidenceOf } from "./RelayLine.ts"
import type { ScreenReader } from "./ScreenReader.ts"
import type { TerminalWriter } from "./TerminalWriter.ts"
import type { InjectionItem, Worker } from "./Worker.ts"

export interface InjectorOptions {
  readonly agent: AgentName
  readonly rules: TerminalRules
  readonly writer: TerminalWriter
  readonly screen: ScreenReader
  readonly channel: ChannelLink
  readonly isAsking: () => boolean
  readonly isBusy: () => boolean
  readonly isReady: () => boolean
  readonly changes: Changes
  /** What is put in for messages that go together. */
  readonly compose: (items: ReadonlyArray<InjectionItem>, nowMillis: number) => string
  /** Something was queued, put in or proven. */
  readonly onProgress: (nowMillis: number) => void
}

export interface Injector {
  readonly submit: (item: InjectionItem) => Effect.Effect<void, QueueFull | UnknownWorker>
  /** As `Worker` has them. */
  readonly mode: Worker["mode"]
  readonly setMode: Worker["setMode"]
  readonly pending: Worker["pending"]
  readonly flush: Worker["flush"]
  readonly settle: Worker["settle"]
  /** Nothing more is put in, for as long as it stands. */
  readonly stop: (stopped: boolean) => Effect.Effect<void>
  /** A line for the program itself, such as a slash command: typed and entered between batches, behind the same gates. */
  readonly command: (line: string) => Effect.Effect<void, PtyClosed | PtyBacklogFull>
  /** Whoever started the program has said so: from now on messages go in. */
  readonly unsafeOpen: () => void
  /** Output without escape sequences, as it comes. */
  readonly unsafeOutput: (plain: string) => void
  readonly unsafeSignal: (signal: Signal) => void
  /** Stops for good and settles what is unfinished. Idempotent: the first reason counts. */
  readonly close: (reason: DeadReason | "shutdown") => Effect.Effect<void>
  readonly queued: () => number
  /** The first closed gate while something waits behind it. */
  readonly waiting: () => WaitingReason | undefined
}

/** One submitted message. */
export interface Entry {
  readonly item: InjectionItem
  readonly queuedAtMillis: number
  finder: Feed<number>
  /** Its id as the text has it. */
  readonly id: string
  /** How often its id came back as output since its text was written. */
  echoes: number
  settled: boolean
  unproven: boolean
}

interface Current {
  readonly batch: Batch
  readonly entries: ReadonlyArray<Entry>
  /** The program has it in its own queue. */
  queued: boolean
  /** It had it there, and gave it back. */
  returned: boolean
}

export const queueLimits: InjectionQueue.QueueLimits = { items: 1_000, bytes: 16 * 1024 * 1024 }
/** A closed terminal is normally followed by the program's exit, which has the better reason. */
const exitAfterCloseMillis = 1_000
/** What was not taken is tried again after so long, or when something changed. */
const notTakenMillis = 1_000

export const make = (options: InjectorOptions): Effect.Effect<Injector, never, Events | Scope.Scope> =>
  Effect.gen(function* () {
    const { agent, changes, channel, rules, screen, writer } = options
    const events = deliveryEvents(yield* Events, agent)
    const clock = yield* Effect.clock
    const now = () => steadyMillis(clock)
    const wall = () => clock.unsafeCurrentTimeMillis()
    const queue = InjectionQueue.make<Entry>(queueLimits)
    const work = yield* Effect.makeLatch(false)
    const closed = yield* Deferred.make<void>()
    const signals = yield* Mailbox.make<Signal>()
    const modes = makeModes({ queue, events, now: wall, onChange: changes.unsafeChanged })
    const open = { isOpen: false }
    let closing = false
    let current: Current | undefined
    let announced: WaitingReason | undefined

    /** How the next batch goes in. */
    const entryOf = (mode: "wait" | "steer"): Put | undefined => {
      const calls = channel.calls()
      if (calls === undefined || (channel.status().standing !== "live" && !channel.isAwaited())) return undefined
      return mode === "steer" && options.isBusy() ? (calls.steer ?? calls.put) : calls.put
    }
    const modeOf = (entry: Entry | undefined) => {
      const delivery = entry?.item.delivery
      return delivery === undefined || delivery.origin === "initial_task" ? "wait" : delivery.message.mode
    }

    /** `isTaken`: it was let go already, so that a mode set since then does not hold it. */
    const gateFor = (head: Entry | undefined, isTaken: boolean): ClosedGate | undefined => {
      const mode = modeOf(head)
      const byCall = head !== undefined && entryOf(mode) !== undefined
      return closedGate(
        {
          dead: closing,
          held: Holding.reason(modes.holding(), isTaken),
          asking: options.isAsking(),
          byCall,
          humanUntilMillis: writer.humanUntilMillis(),
          ready: open.isOpen && (byCall ? !channel.isAwaited() : options.isReady() && !channel.isAwaited()),
          settledAtMillis: writer.settledAtMillis(),
          composer: screen.composer(""),
          busy: options.isBusy(),
          mode
        },
        now()
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
    const confirm = (entry: Entry, evidence: Evidence, by: ChannelName) =>
      Effect.suspend(() => {
        if (entry.settled) return Effect.void
        entry.settled = true
        changes.unsafeChanged()
        const atMillis = wall()
        options.onProgress(now())
        events.ack(entry.item, atMillis)
        return Effect.zipRight(
          guarded(entry, entry.item.onOutcome({ _tag: "Submitted", evidence, channel: by, atMillis })),
          Effect.sync(() => events.verified(entry.item, evidence, by, rules.evidenceMillis))
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

    const openEntries = () => current?.entries.filter((entry) => !entry.settled && isCurrent(entry)) ?? []
    /** A person had it put in again: it is the queue's. */
    const isCurrent = (entry: Entry) => !again.has(entry)
    const again = new Set<Entry>()
    const isOver = () => openEntries().length === 0

    const markUnproven = (reason: string) =>
      Effect.gen(function* () {
        const atMillis = yield* Clock.currentTimeMillis
        const lines = screen.lastLines()
        yield* Effect.forEach(
          openEntries(),
          (entry) => {
            entry.unproven = true
            events.unproven(entry.item, reason, lines, atMillis)
            return guarded(entry, entry.item.onUnproven?.(reason) ?? Effect.void)
          },
          { discard: true }
        )
      })

    const paste = (batch: Batch, entries: ReadonlyArray<Entry>, head: Entry) =>
      Effect.gen(function* () {
        const evidence = yield* writer.paste({
          text: rules.escape?.(batch.text) ?? batch.text,
          ids: entries.map(({ id }) => id),
          isSteer: modeOf(head) === "steer",
          gate: () => gateFor(head, true),
          isOver,
          isQueued: () => current?.queued === true,
          echo: () => ({ last: entries.at(-1)?.echoes ?? 0, all: Math.min(...entries.map(({ echoes }) => echoes)) }),
          onWriting: () => {
            for (const entry of entries) {
              entry.echoes = 0
              entry.finder = makeFinder(entry.id)
            }
          },
          onEnter: () => {
            options.onProgress(now())
            const enteredAt = wall()
            for (const { item } of entries) events.injected(item, enteredAt)
          },
          onUnproven: markUnproven
        })
        if (evidence === undefined) return false
        if (screen.isKnown) channel.unsafeTurnSeen(now())
        const own = (entry: Entry): Evidence =>
          evidence === "unconfirmed" && entry.echoes > writer.kernelEchoes() ? "echo" : evidence
        const name = channel.status().name
        yield* together(openEntries(), (entry) => confirm(entry, own(entry), name))
        return false
      })

    /** Through the program's own call: handed in, then proven by what it says. True: it was not taken, and waits again. */
    const put = (batch: Batch, entries: ReadonlyArray<Entry>, call: Put) =>
      Effect.gen(function* () {
        const handed = yield* Effect.either(call(batch))
        if (Either.isLeft(handed)) {
          yield* Effect.logInfo(`${agent}: ${handed.left.message}`)
          if (handed.left._tag === "NotTaken") return true
        } else {
          options.onProgress(now())
          const atMillis = wall()
          for (const { item } of entries) events.injected(item, atMillis)
        }
        const due = now() + rules.evidenceMillis
        let told = false
        for (;;) {
          const seen = changes.count()
          if (isOver()) return false
          if (current?.returned === true) return true
          if (current?.queued !== true && !told && now() >= due) {
            told = true
            yield* markUnproven("the program did not say that it took it")
          }
          yield* changes.after(seen, told || current?.queued === true ? undefined : due)
        }
      })

    const together = (entries: ReadonlyArray<Entry>, run: (entry: Entry) => Effect.Effect<void>) =>
      entries.length === 1 && entries[0] !== undefined
        ? run(entries[0])
        : Effect.forEach(entries, run, { concurrency: "unbounded", discard: true })

    /** A bug broke it off: whether it went in is not known. */
    const leftOver = ({ entries }: Current) =>
      Effect.gen(function* () {
        yield* markUnproven("a bug of the broker broke it off")
        for (;;) {
          const seen = changes.count()
          if (isOver()) break
          yield* changes.after(seen, undefined)
        }
        finish(entries)
      })
    const finish = (entries: ReadonlyArray<Entry>) => {
      queue.release(entries.filter((entry) => !again.has(entry)))
      for (const entry of entries) again.delete(entry)
      current = undefined
    }

    const next = Effect.gen(function* () {
      if (current !== undefined) return yield* leftOver(current)
      yield* work.await
      yield* gates
      const entries = modes.take(rules.paste)
      if (queue.isEmpty()) work.unsafeClose()
      const [head] = entries
      if (head === undefined) return
      const items = entries.map((entry) => entry.item)
      const batch: Batch = {
        id: randomUUID(),
        messages: items.map(({ delivery }) => ({ deliveryId: delivery.deliveryId, messageId: delivery.message.id })),
        text: options.compose(items, now())
      }
      current = { batch, entries, queued: false, returned: false }
      for (const entry of entries) entry.unproven = false
      // Side by side, so that the durable marks of one batch share a commit.
      yield* together(entries, (entry) => Effect.uninterruptible(guarded(entry, entry.item.onTyping)))
      const call = entryOf(modeOf(head))
      const notTaken = yield* (call === undefined ? paste(batch, entries, head) : put(batch, entries, call)).pipe(
        Effect.catchTag("PtyBacklogFull", (error: PtyBacklogFull) =>
          Effect.zipRight(
            Effect.logWarning(`a message for '${agent}' is too large to be typed: ${error.message}`),
            Effect.as(
              Effect.forEach(entries, (entry) => giveUp(entry, "pty_write_failed", "GivenUp"), { discard: true }),
              false
            )
          )
        )
      )
      if (!notTaken) return finish(entries)
      const seen = changes.count()
      const left = entries.filter((entry) => !entry.settled && !again.has(entry))
      queue.putBack(left)
      finish(entries.filter((entry) => !left.includes(entry)))
      work.unsafeOpen()
      yield* changes.after(seen, now() + notTakenMillis)
    })

    /** The end of all typing; the caller has made sure that the fiber types no more. */
    const settleAll = (reason: DeadReason | "shutdown") =>
      Effect.suspend(() => {
        const inHand = (current?.entries ?? []).filter((entry) => !again.has(entry))
        const left = [...inHand, ...queue.takeAll()]
        queue.release(left)
        current = undefined
        return reason === "shutdown"
          ? Effect.void
          : Effect.forEach(left, (entry) => giveUp(entry, reason), { discard: true })
      }).pipe(Effect.zipRight(Deferred.succeed(closed, undefined)), Effect.uninterruptible)

    const fiber = yield* next.pipe(
      Effect.forever,
      supervised(`what is put into ${agent}`),
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

    /** Of the batch in hand, and of what waits: whose the program speaks of. */
    const entriesOf = (which: Which): ReadonlyArray<Entry> => {
      if ("id" in which) return which.id === current?.batch.id ? openEntries() : []
      const ids = messageIdsIn(which.text)
      return [...(current?.entries ?? []), ...queue.list()].filter((entry) => !entry.settled && ids.has(entry.id))
    }
    const hear = (signal: Signal) => {
      switch (signal._tag) {
        case "Taken": {
          const name = channel.status().name
          return Effect.forEach(
            entriesOf(signal.which),
            (entry) =>
              Effect.zipRight(
                confirm(entry, signal.proof, name),
                Effect.sync(() => queue.drop(entry))
              ),
            { discard: true }
          )
        }
        case "Queued":
          return Effect.sync(() => {
            if (current !== undefined && entriesOf(signal.which).length > 0) current.queued = true
            changes.unsafeChanged()
          })
        case "Returned":
          return Effect.sync(() => {
            if (current !== undefined && entriesOf(signal.which).length > 0) {
              current.queued = false
              current.returned = true
            }
            changes.unsafeChanged()
          })
        default:
          return Effect.void
      }
    }
    yield* signals.take.pipe(
      Effect.flatMap(hear),
      Effect.forever,
      supervised(`signals of ${agent}`),
      Effect.ignore,
      Effect.forkScoped
    )

    const submit = (item: InjectionItem) =>
      Effect.suspend((): Effect.Effect<void, QueueFull | UnknownWorker> => {
        if (closing) return Effect.fail(new UnknownWorker({ agent }))
        const at = now()
        const id = evidenceOf(item.delivery.message)
        const entry: Entry = {
          ...{ item, queuedAtMillis: wall(), finder: makeFinder(id), id },
          ...{ echoes: 0, settled: false, unproven: false }
        }
        if (!queue.offer(entry)) return Effect.fail(new QueueFull({ agent, limit: queueLimits.items }))
        options.onProgress(at)
        if (modes.isHeld()) events.held(item)
        else events.queued(item, wall())
        work.unsafeOpen()
        changes.unsafeChanged()
        return Effect.void
      })

    const settle = (deliveryId: DeliveryId, how: "confirm" | "retry") =>
      Effect.suspend(() => {
        const entry = openEntries().find(({ item, unproven }) => unproven && item.delivery.deliveryId === deliveryId)
        if (entry === undefined) return Effect.succeed(false)
        events.settledBy(entry.item, how === "confirm" ? "confirmed" : "retried")
        if (how === "confirm") return Effect.as(confirm(entry, "confirmed", "person"), true)
        again.add(entry)
        entry.unproven = false
        queue.putBack([entry])
        work.unsafeOpen()
        changes.unsafeChanged()
        return Effect.succeed(true)
      })

    const command = (line: string) =>
      Effect.raceFirst(
        writer.command(line, () => gateFor(undefined, true)),
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
      settle,
      mode: modes.mode,
      setMode: modes.setMode,
      flush: modes.flush,
      pending: modes.pending,
      stop: modes.stop,
      command,
      unsafeOpen: () => {
        open.isOpen = true
        changes.unsafeChanged()
      },
      unsafeOutput: (plain) => {
        if (current === undefined || plain === "") return
        const squeezed = squeeze(plain)
        for (const entry of current.entries) entry.echoes = entry.finder(squeezed)
      },
      unsafeSignal: (signal) => void signals.unsafeOffer(signal),
      close,
      queued: queue.size,
      waiting: () => {
        if (current !== undefined) return openEntries().some(({ unproven }) => unproven) ? "unproven" : writer.waiting()
        const head = queue.head()
        return head === undefined ? undefined : gateFor(head, false)?.reason
      }
    }
  })
