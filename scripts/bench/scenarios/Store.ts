/**
 * What the way of a message costs inside our own process: the book alone, the book with the store and its durable marks,
 * one durable write, and time on a core at a steady thousand messages a second. No broker, no terminal, no peer.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Book from "../../../src/delivery/DeliveryBook.ts"
import { AgentId, AgentName, DeliveryId, MessageId, Seq } from "../../../src/domain/Ids.ts"
import type { Delivery } from "../../../src/domain/Message.ts"
import type { Native } from "../../../src/sqlite/Libsql.ts"
import { SqliteStore } from "../../../src/store/SqliteStore.ts"
import { Store } from "../../../src/store/Store.ts"
import { nowMillis } from "../Clock.ts"
import { type Figure, measured } from "../Figures.ts"
import { attempt, type Context, type Scenario } from "../Scenario.ts"
import { StageFailed } from "../Stage.ts"
import { percentile } from "../Statistics.ts"

const figures: ReadonlyArray<Figure> = [
  { id: "book-rate", title: "messages through the book alone", unit: "/s" },
  { id: "store-rate", title: "messages through book and store, in pastes of 50", unit: "/s" },
  { id: "durable-p50", title: "one durable mark at a time, p50", unit: "ms", budget: 0.2 },
  { id: "durable-p99", title: "one durable mark at a time, p99", unit: "ms" },
  { id: "store-cpu", title: "CPU per message through book and store, at 1,000 /s", unit: "ms" }
]

const agentId = AgentId.make("agent_bench")
const agent = AgentName.make("bench")
const text = "The tests of the parser are green again; please have a look at the branch when you are done. ".repeat(2)
/** As many as are typed together at most. */
const pasteSize = 50

const deliveryOf = (seq: number): Delivery => ({
  deliveryId: DeliveryId.make(`del_${seq}`),
  agentId,
  agent,
  seq: Seq.make(seq),
  origin: "engine",
  message: { id: MessageId.make(`msg_${seq}`), from: "sender", target: agent, text, mode: "wait" }
})

/** A book with its agent, and the next numbers of its mailbox. */
const makeBook = () => {
  let book = Book.registered(Book.empty<undefined>(), { agentId, name: agent, cursor: 0, nowMillis: 0 })
  let last = 0
  return {
    arrive: (): number => {
      last += 1
      const arrival = { deliveryId: DeliveryId.make(`del_${last}`), agentId, agent, seq: last, content: undefined }
      book = Book.observe(book, arrival, { hasRoom: true, nowMillis: 0 })[0]
      return last
    },
    confirm: (seq: number): void => {
      book = Book.confirm(book, { agentId, seq, numbered: true })[0]
    },
    ack: (): ReadonlyArray<Book.DueAck> => {
      const due = Book.dueAcks(book)
      for (const ack of due) book = Book.ackSent(book, ack)
      return due
    }
  }
}

const bookRate = (count: number): number => {
  const book = makeBook()
  const from = nowMillis()
  for (let n = 0; n < count; n++) {
    book.confirm(book.arrive())
    book.ack()
  }
  return (count / (nowMillis() - from)) * 1_000
}

/** Received, typed, submitted and acked as in the broker: the durable marks of one paste share their commits. */
const makePaste = (store: Store["Type"], book: ReturnType<typeof makeBook>) =>
  Effect.fnUntraced(function* (size: number) {
    const atMillis = yield* Clock.currentTimeMillis
    const deliveries = Array.from({ length: size }, () => deliveryOf(book.arrive()))
    for (const delivery of deliveries) yield* store.received(delivery, { numbered: true, atMillis })
    const each = (mark: (delivery: Delivery) => Effect.Effect<void>) =>
      Effect.forEach(deliveries, mark, { concurrency: "unbounded", discard: true })
    yield* each(({ deliveryId }) => store.typing([deliveryId], atMillis))
    yield* each(({ deliveryId, seq }) =>
      Effect.map(store.submitted({ deliveryId, evidence: "echo", channel: "terminal", atMillis }), () =>
        book.confirm(seq)
      )
    )
    for (const { upTo } of book.ack()) {
      yield* store.acked({ agentId, name: agent, received: upTo, acked: upTo }, atMillis)
    }
  })

/** Each batch in its time, so that the rate is kept when one takes longer. */
const steadily = (paste: ReturnType<typeof makePaste>, seconds: number) =>
  Effect.gen(function* () {
    const everyMillis = 10
    const from = nowMillis()
    for (let n = 0; n < (seconds * 1_000) / everyMillis; n++) {
      yield* Effect.sleep(Math.max(0, from + n * everyMillis - nowMillis()))
      yield* paste(everyMillis)
    }
  })

const measure = (context: Context) =>
  Effect.gen(function* () {
    const { note, place, quick, root, say } = context
    say("store: ours")
    const directory = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(place, "store-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    )
    // The bundle of this benchmark lies elsewhere: the library is found from where the project is.
    const libsql = createRequire(join(root, "package.json"))("libsql") as new (path: string) => Native
    const problems: Array<string> = []
    const layer = SqliteStore.layer({
      path: join(directory, "store.sqlite"),
      report: ({ error }) => Effect.sync(() => void problems.push(error.message)),
      driver: (path) => new libsql(path)
    })
    const store = yield* Layer.build(layer).pipe(Effect.flatMap((services) => Effect.provide(Store, services)))

    const bookCount = quick ? 20_000 : 100_000
    bookRate(5_000)
    const alone = bookRate(bookCount)

    const book = makeBook()
    const paste = makePaste(store, book)
    yield* Effect.replicateEffect(paste(pasteSize), 20, { discard: true })
    const pastes = quick ? 100 : 600
    const from = nowMillis()
    yield* Effect.replicateEffect(paste(pasteSize), pastes, { discard: true })
    const together = ((pastes * pasteSize) / (nowMillis() - from)) * 1_000

    const marks: Array<number> = []
    for (let n = 0; n < (quick ? 200 : 1_000); n++) {
      const delivery = deliveryOf(book.arrive())
      const atMillis = yield* Clock.currentTimeMillis
      yield* store.received(delivery, { numbered: true, atMillis })
      yield* store.flush
      const before = nowMillis()
      yield* store.typing([delivery.deliveryId], atMillis)
      marks.push(nowMillis() - before)
      yield* store.submitted({ deliveryId: delivery.deliveryId, evidence: "echo", channel: "terminal", atMillis })
      book.confirm(delivery.seq)
    }

    const seconds = quick ? 2 : 5
    const cpu = process.cpuUsage()
    yield* steadily(paste, seconds)
    const used = process.cpuUsage(cpu)
    const perMessage = (used.user + used.system) / 1_000 / (seconds * 1_000)

    if (problems.length > 0) return yield* new StageFailed({ reason: `the store failed: ${problems[0]}` })
    note("A durable mark is on disk when it returns: its time is that of the disk's sync, above all.")
    return [
      measured("book-rate", "ours", alone, bookCount),
      measured("store-rate", "ours", together, pastes * pasteSize),
      measured("durable-p50", "ours", percentile(marks, 50), marks.length),
      measured("durable-p99", "ours", percentile(marks, 99), marks.length),
      measured("store-cpu", "ours", perMessage, seconds * 1_000)
    ]
  })

export const store: Scenario = {
  name: "store",
  figures,
  onlyInFull: true,
  measure: (context) => attempt({ figures, who: ["ours"], endsAt: context.endsAt }, measure(context))
}
