import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import * as Book from "../../src/delivery/DeliveryBook.ts"
import { AgentId, AgentName, DeliveryId } from "../../src/domain/Ids.ts"

const id = AgentId.make("a1")
const name = AgentName.make("w1")

/**
 * An engine's mailbox of one agent with a link that may lose live frames and be replayed at any moment, a program that
 * confirms in any order, and an inbox that may be full.
 */
type Move =
  /** `overtaken`: two are posted, and the second arrives first. */
  | { readonly kind: "post"; readonly overtaken: boolean }
  | { readonly kind: "drop" }
  /** The link is back; `overtake`: a live frame arrives after the register reply and before the replay. */
  | { readonly kind: "up"; readonly overtake: boolean }
  | { readonly kind: "expire"; readonly pick: number }
  /** The engine's count begins again below the cursor: a new message under an old number. */
  | { readonly kind: "recount"; readonly pick: number }
  /** The broker ends and starts again with what its store had. */
  | { readonly kind: "restart" }
  | { readonly kind: "register" }
  /** The agent ends: the engine no longer has it at this node, until it is registered again. */
  | { readonly kind: "leave" }
  | { readonly kind: "replay" }
  | { readonly kind: "confirm"; readonly pick: number }
  | { readonly kind: "ack"; readonly arrives: boolean }
  | { readonly kind: "event"; readonly n: number }
  | { readonly kind: "room"; readonly room: boolean }
  | { readonly kind: "pause"; readonly millis: number }

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("post" as const), overtaken: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("up" as const), overtake: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("expire" as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("recount" as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("register" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("leave" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("replay" as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("confirm" as const), pick: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("ack" as const), arrives: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("event" as const), n: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("room" as const), room: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("pause" as const),
      millis: fc.oneof(fc.nat({ max: 3_000 }), fc.constant(Book.replayQuietMillis))
    })
  }
)

class World {
  book: Book.DeliveryBook<null> = Book.empty()
  now = 0
  room = true
  // The engine's side.
  posted: number
  cursor: number
  readonly rows = new Map<number, "alive" | "gone">()
  // The agent's side.
  readonly surfaced: Array<string> = []
  readonly unconfirmed: Array<{ readonly seq: number; readonly numbered: boolean }> = []
  private recounted = 0
  readonly confirmed = new Set<number>()
  highestAck = 0

  constructor(startAfter: number) {
    this.posted = startAfter
    this.cursor = startAfter
    this.highestAck = startAfter
  }

  arrival(seq: number, deliveryId = `del_${seq}`): Book.Arrival<null> {
    return { deliveryId: DeliveryId.make(deliveryId), agentId: id, agent: name, seq, content: null }
  }
  apply([book, decisions]: Book.Step<null>) {
    this.book = book
    for (const decision of decisions) {
      if (decision._tag === "Surface") {
        const isEvent = decision.arrival.seq === 0
        if (!isEvent) assert.notInclude(this.surfaced, decision.arrival.deliveryId, "surfaced twice")
        this.surfaced.push(decision.arrival.deliveryId)
        if (decision.arrival.seq > 0) {
          this.unconfirmed.push({ seq: decision.arrival.seq, numbered: decision.numbered })
        }
      } else if (decision._tag === "ReAck") {
        assert.isAtMost(decision.upTo, this.highestAck, "an ack was invented")
        if (this.up) this.cursor = Math.max(this.cursor, decision.upTo)
      }
    }
  }
  observe(seq: number, deliveryId?: string) {
    this.apply(Book.observe(this.book, this.arrival(seq, deliveryId), { hasRoom: this.room, nowMillis: this.now }))
  }
  /** The engine has the agent at this node: only then does it send anything of it. */
  here = true
  replay() {
    this.book = Book.replayStarts(this.book, this.now)
    if (!this.here) return
    for (const [seq, state] of this.rows) if (state === "alive" && seq > this.cursor) this.observe(seq)
  }
  register() {
    this.here = true
    this.book = Book.registered(this.book, { agentId: id, name, cursor: undefined, nowMillis: this.now })
  }
  ack(arrives: boolean) {
    for (const due of Book.dueAcks(this.book)) {
      assert.isAbove(due.upTo, this.highestAck, "acks are monotone")
      for (let seq = this.highestAck + 1; seq <= due.upTo; seq++) {
        const real = this.rows.has(seq) && this.rows.get(seq) === "alive"
        if (real) assert.isTrue(this.confirmed.has(seq), `seq ${seq} was acked and never confirmed`)
      }
      this.highestAck = due.upTo
      this.book = Book.ackSent(this.book, due)
      if (arrives && this.up) this.cursor = due.upTo
    }
  }
  confirm(pick: number) {
    const [taken] = this.unconfirmed.splice(pick % Math.max(1, this.unconfirmed.length), 1)
    if (taken === undefined) return
    const { numbered, seq } = taken
    if (numbered) this.confirmed.add(seq)
    this.apply(Book.confirm(this.book, { agentId: id, seq, numbered }))
  }
  recount(pick: number) {
    const received = Book.agentOf(this.book, id)?.received ?? 0
    if (!this.up || !this.here || !this.room || received === 0) return
    const before = this.surfaced.length
    this.recounted += 1
    this.observe(1 + (pick % received), `re_${this.recounted}`)
    assert.strictEqual(this.surfaced.length, before + 1, "a new message under an old number was swallowed")
  }
  restart() {
    this.up = false
    this.events.clear()
    const agent = Book.agentOf(this.book, id)
    const unnumbered = this.unconfirmed.filter(({ numbered }) => !numbered)
    const numbered = this.unconfirmed.filter((each) => each.numbered)
    if (agent === undefined || agent.baseline._tag === "Settling") {
      this.book = Book.empty()
      return
    }
    this.book = Book.restore(Book.empty<null>(), {
      agentId: id,
      name,
      received: agent.received,
      acked: agent.acked,
      unconfirmed: numbered.map(({ seq }) => seq),
      seen: this.surfaced.filter((each) => !each.startsWith("evt_")).map((each) => DeliveryId.make(each))
    })
    this.unconfirmed.splice(0, this.unconfirmed.length, ...numbered, ...unnumbered)
  }
  up = true
  post() {
    this.posted += 1
    this.rows.set(this.posted, "alive")
    return this.posted
  }
  run(step: Move) {
    switch (step.kind) {
      case "post": {
        const first = this.post()
        if (!step.overtaken) return this.up && this.here ? this.observe(first) : undefined
        const second = this.post()
        if (this.up && this.here) {
          this.observe(second)
          this.observe(first)
        }
        return
      }
      case "drop":
        this.up = false
        this.book = Book.sessionLost(this.book)
        return
      case "up": {
        if (this.up) return
        this.up = true
        this.book = Book.replayStarts(this.book, this.now)
        const copies = [...this.rows].filter(([seq, state]) => state === "alive" && seq > this.cursor)
        if (!this.here) return
        if (step.overtake) this.observe(this.post())
        for (const [seq] of copies) this.observe(seq)
        return
      }
      case "expire": {
        const open = [...this.rows].filter(
          ([seq, state]) => state === "alive" && seq > this.cursor && !this.surfaced.includes(`del_${seq}`)
        )
        if (open.length > 0) this.rows.set(open[step.pick % open.length]![0], "gone")
        return
      }
      case "recount":
        return this.recount(step.pick)
      case "restart":
        return this.restart()
      case "register":
        return this.register()
      case "leave":
        this.here = false
        this.book = Book.left(this.book, id)
        return
      case "replay":
        return this.up ? this.replay() : undefined
      case "confirm":
        return this.confirm(step.pick)
      case "ack":
        return this.ack(step.arrives)
      case "event":
        return this.observeEvent(step.n)
      case "room":
        this.room = step.room
        return
      case "pause":
        this.now += step.millis
        return this.apply(Book.tick(this.book, this.now))
    }
  }
  private readonly events = new Set<number>()
  observeEvent(n: number) {
    const before = this.surfaced.length
    this.observe(0, `evt_${n}`)
    assert.strictEqual(this.surfaced.length - before, this.events.has(n) ? 0 : 1)
    this.events.add(n)
  }
  heal() {
    this.room = true
    this.up = true
    this.register()
    for (let round = 0; round < 6; round++) {
      this.now += Book.replayQuietMillis
      this.apply(Book.tick(this.book, this.now))
      this.replay()
      this.now += Book.settleQuietMillis
      this.apply(Book.tick(this.book, this.now))
      while (this.unconfirmed.length > 0) this.confirm(0)
      this.ack(true)
    }
  }
}

describe("DeliveryBook, any history", () => {
  it("loses nothing, repeats nothing, keeps the order, and never acks too far", () => {
    fc.assert(
      fc.property(fc.nat({ max: 3 }), fc.boolean(), fc.array(move, { maxLength: 60 }), (startAfter, told, moves) => {
        const world = new World(startAfter)
        world.replay()
        if (told) world.book = Book.registered(world.book, { agentId: id, name, cursor: startAfter, nowMillis: 0 })
        for (const step of moves) world.run(step)
        world.heal()
        const alive = [...world.rows].filter(([, state]) => state === "alive").map(([seq]) => `del_${seq}`)
        for (const deliveryId of alive) assert.include(world.surfaced, deliveryId, "lost")
        const order = world.surfaced.filter((each) => each.startsWith("del_")).map((each) => Number(each.slice(4)))
        assert.deepStrictEqual(
          order,
          [...order].sort((a, b) => a - b),
          "order"
        )
        const last = Math.max(
          startAfter,
          ...[...world.rows].filter(([, state]) => state === "alive").map(([seq]) => seq)
        )
        assert.isAtLeast(world.cursor, last, "the engine was told everything")
        assert.isAtMost(world.cursor, world.posted, "the engine was told too much")
      }),
      { numRuns: 1_000 }
    )
  })
})
