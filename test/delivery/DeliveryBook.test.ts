import { assert, describe, it } from "@effect/vitest"
import * as Book from "../../src/delivery/DeliveryBook.ts"
import { AgentId, AgentName, DeliveryId } from "../../src/domain/Ids.ts"

const id = AgentId.make("a1")
const name = AgentName.make("w1")

const arrival = (seq: number, o: { deliveryId?: string; agentId?: AgentId } = {}): Book.Arrival<string> => ({
  deliveryId: DeliveryId.make(o.deliveryId ?? `del_${seq}`),
  agentId: o.agentId ?? id,
  agent: name,
  seq,
  content: `message ${seq}`
})

/** A frame of the agent that comes first in a replay. */
const ofAnother = (seq: number): Book.Arrival<string> => ({
  ...arrival(seq, { deliveryId: `other_${seq}`, agentId: AgentId.make("a0") }),
  agent: AgentName.make("w0")
})

/** Drives a book the way the service does, and records what it decides. */
class Driver {
  book: Book.DeliveryBook<string> = Book.empty()
  now = 0
  room = true
  readonly surfaced: Array<string> = []
  readonly decisions: Array<Book.Decision<string>> = []

  apply([book, decisions]: Book.Step<string>) {
    this.book = book
    this.decisions.push(...decisions)
    for (const decision of decisions) if (decision._tag === "Surface") this.surfaced.push(decision.arrival.deliveryId)
  }
  register(o: { agentId?: AgentId; cursor?: number } = {}) {
    this.book = Book.registered(this.book, { agentId: o.agentId ?? id, name, cursor: o.cursor, nowMillis: this.now })
  }
  see(...frames: ReadonlyArray<Book.Arrival<string>>) {
    for (const frame of frames) this.apply(Book.observe(this.book, frame, { hasRoom: this.room, nowMillis: this.now }))
  }
  replay(...frames: ReadonlyArray<Book.Arrival<string>>) {
    this.book = Book.replayStarts(this.book, this.now)
    this.see(...frames)
  }
  confirm(seq: number, numbered = true) {
    this.apply(Book.confirm(this.book, { agentId: id, seq, numbered }))
  }
  tick(advanceMillis: number) {
    this.now += advanceMillis
    this.apply(Book.tick(this.book, this.now))
  }
  acks() {
    const due = Book.dueAcks(this.book)
    for (const ack of due) this.book = Book.ackSent(this.book, ack)
    return due.map(({ upTo }) => upTo)
  }
  tags() {
    return this.decisions.map(({ _tag }) => _tag)
  }
}

describe("DeliveryBook", () => {
  it("surfaces in order and acks only what was confirmed", () => {
    const d = new Driver()
    d.see(arrival(1), arrival(2), arrival(3))
    assert.deepStrictEqual(d.surfaced, ["del_1", "del_2", "del_3"])
    assert.deepStrictEqual(d.acks(), [])
    d.confirm(1)
    assert.deepStrictEqual(d.acks(), [1])
  })

  it("acks the end of the contiguous confirmed run, once", () => {
    const d = new Driver()
    d.see(arrival(1), arrival(2), arrival(3))
    d.confirm(3)
    d.confirm(2)
    assert.deepStrictEqual(d.acks(), [])
    d.confirm(1)
    assert.deepStrictEqual(d.acks(), [3])
    assert.deepStrictEqual(d.acks(), [])
  })

  it("never acks a number that was not surfaced", () => {
    const d = new Driver()
    d.see(arrival(1))
    d.confirm(1)
    d.confirm(7)
    assert.deepStrictEqual(d.acks(), [1])
  })

  it("surfaces a replayed frame once, and repeats an ack once per replay", () => {
    const d = new Driver()
    d.see(arrival(1))
    d.confirm(1)
    d.acks()
    d.replay(arrival(1), arrival(1))
    assert.deepStrictEqual(d.surfaced, ["del_1"])
    assert.strictEqual(d.tags().filter((tag) => tag === "ReAck").length, 1)
    d.replay(arrival(1))
    assert.strictEqual(d.tags().filter((tag) => tag === "ReAck").length, 2)
  })

  it("does not repeat an ack for what is still being typed", () => {
    const d = new Driver()
    d.see(arrival(1))
    d.replay(arrival(1))
    assert.notInclude(d.tags(), "ReAck")
  })

  it("surfaces an unknown delivery at or below the cursor and acks it at the cursor", () => {
    const d = new Driver()
    d.see(arrival(1), arrival(2))
    d.confirm(1)
    d.confirm(2)
    d.acks()
    d.see(arrival(1, { deliveryId: "del_new" }))
    assert.deepStrictEqual(d.surfaced, ["del_1", "del_2", "del_new"])
    assert.include(d.tags(), "BelowCursor")
    d.decisions.length = 0
    d.confirm(1, false)
    assert.deepStrictEqual(d.decisions, [{ _tag: "ReAck", agentId: id, name, upTo: 2 }])
  })

  describe("baseline", () => {
    it("is the engine's cursor when it tells it", () => {
      const d = new Driver()
      d.register({ cursor: 9 })
      d.see(arrival(10))
      assert.deepStrictEqual(d.surfaced, ["del_10"])
      d.confirm(10)
      assert.deepStrictEqual(d.acks(), [10])
    })

    it("does not settle by quiet before a replay began", () => {
      const d = new Driver()
      d.see(arrival(12))
      d.tick(60_000)
      assert.deepStrictEqual(d.surfaced, [])
    })

    it("of a frame that comes alone, long after the last replay, nothing follows: a replay is asked for", () => {
      const d = new Driver()
      d.replay()
      d.now = 60_000
      d.see(arrival(12))
      assert.deepInclude(d.decisions, { _tag: "AskReplay", agentId: id, missing: undefined })
      d.tick(5_000)
      assert.deepStrictEqual(d.surfaced, [])
      d.replay(arrival(11), arrival(12))
      assert.deepStrictEqual(d.surfaced, ["del_11", "del_12"])
    })

    it("settles after a quiet second on the lowest number seen", () => {
      const d = new Driver()
      d.register()
      d.replay()
      d.see(arrival(12), arrival(11))
      assert.deepStrictEqual(d.surfaced, [])
      d.tick(999)
      assert.deepStrictEqual(d.surfaced, [])
      d.tick(1)
      assert.deepStrictEqual(d.surfaced, ["del_11", "del_12"])
      d.confirm(11)
      assert.deepStrictEqual(d.acks(), [11])
    })

    it("does not settle while the replay brings other agents before this one, whose live frame overtook it", () => {
      const d = new Driver()
      d.register()
      d.replay()
      d.see(arrival(12))
      for (let seq = 1; seq <= 5; seq++) {
        d.tick(Book.settleQuietMillis / 2)
        d.see(ofAnother(seq))
      }
      d.see(arrival(10), arrival(11))
      d.tick(Book.settleQuietMillis)
      assert.deepStrictEqual(
        d.surfaced.filter((each) => each.startsWith("del")),
        ["del_10", "del_11", "del_12"]
      )
    })

    it("settles on a busy day, too", () => {
      const d = new Driver()
      d.register()
      d.replay(arrival(12))
      for (let seq = 1; d.now < Book.longestSettleMillis + Book.settleQuietMillis; seq++) {
        assert.notInclude(d.surfaced, "del_12")
        d.see(ofAnother(seq))
        d.tick(Book.settleQuietMillis / 2)
      }
      assert.include(d.surfaced, "del_12")
    })

    it("settles at once on a replay copy, older ones first, although a live frame overtook them", () => {
      const d = new Driver()
      d.register()
      d.see(arrival(7))
      d.replay(arrival(5), arrival(6), arrival(7))
      assert.deepStrictEqual(d.surfaced, ["del_5", "del_6", "del_7"])
    })

    it("does not settle on a repeat before any replay began", () => {
      const d = new Driver()
      d.see(arrival(7), arrival(7))
      assert.deepStrictEqual(d.surfaced, [])
    })

    it("keeps its cursor when the agent is registered again", () => {
      const d = new Driver()
      d.see(arrival(1))
      d.confirm(1)
      d.acks()
      d.register()
      d.see(arrival(2))
      assert.deepStrictEqual(d.surfaced, ["del_1", "del_2"])
    })
  })

  describe("holes", () => {
    const withHole = () => {
      const d = new Driver()
      d.see(arrival(1), arrival(4))
      return d
    }

    it("hold what lies beyond, unacked, and ask for a replay", () => {
      const d = withHole()
      assert.deepStrictEqual(d.surfaced, ["del_1"])
      assert.deepInclude(d.decisions, { _tag: "AskReplay", agentId: id, missing: [2, 3] })
      d.confirm(1)
      assert.deepStrictEqual(d.acks(), [1])
      assert.isTrue(Book.hasOpenHole(d.book))
    })

    it("are filled in order", () => {
      const d = withHole()
      d.see(arrival(2), arrival(3))
      assert.deepStrictEqual(d.surfaced, ["del_1", "del_2", "del_3", "del_4"])
    })

    it("close when a later replay brings the frame beyond and not the missing one", () => {
      const d = withHole()
      d.replay(arrival(3), arrival(4))
      assert.deepStrictEqual(d.surfaced, ["del_1", "del_3", "del_4"])
      assert.deepInclude(d.decisions, { _tag: "HoleClosed", agentId: id, from: 2, to: 2 })
      d.confirm(1)
      d.confirm(3)
      d.confirm(4)
      assert.deepStrictEqual(d.acks(), [4])
    })

    it("stay open on a mere repeat of the live frame", () => {
      const d = withHole()
      d.see(arrival(4))
      assert.deepStrictEqual(d.surfaced, ["del_1"])
    })

    it("close after a replay that brought neither", () => {
      const d = withHole()
      d.replay()
      d.tick(Book.replayQuietMillis - 1)
      assert.deepStrictEqual(d.surfaced, ["del_1"])
      d.tick(1)
      assert.deepStrictEqual(d.surfaced, ["del_1", "del_4"])
    })

    it("do not close while a replay goes on, however long it takes", () => {
      const d = withHole()
      d.replay()
      for (let seq = 1; seq <= 20; seq++) {
        d.tick(Book.replayQuietMillis / 2)
        d.see(ofAnother(seq))
      }
      d.see(arrival(2), arrival(3), arrival(4))
      assert.deepStrictEqual(
        d.surfaced.filter((each) => each.startsWith("del")),
        ["del_1", "del_2", "del_3", "del_4"]
      )
    })

    it("do not wait for the end of a busy day", () => {
      const d = withHole()
      d.replay()
      for (let seq = 1; d.now < Book.longestReplayMillis + Book.replayQuietMillis; seq++) {
        assert.notInclude(d.surfaced, "del_4")
        d.see(ofAnother(seq))
        d.tick(Book.replayQuietMillis / 2)
      }
      assert.include(d.surfaced, "del_4")
    })

    it("never swallow a frame that comes after all", () => {
      const d = withHole()
      d.replay(arrival(4))
      d.see(arrival(2))
      assert.deepStrictEqual(d.surfaced, ["del_1", "del_4", "del_2"])
    })
  })

  describe("what is looked at often", () => {
    const restless = (d: Driver) => [...d.book.restless]

    it("leaves out who is at rest", () => {
      const d = new Driver()
      d.register({ cursor: 0 })
      assert.deepStrictEqual(restless(d), [])
      d.see(arrival(1))
      d.confirm(1)
      d.acks()
      assert.deepStrictEqual(restless(d), [])
    })

    it("has who waits for an ack, behind a hole, for a baseline, or for room", () => {
      const acks = new Driver()
      acks.see(arrival(1))
      acks.confirm(1)
      const hole = new Driver()
      hole.see(arrival(1), arrival(3))
      const settling = new Driver()
      settling.see(arrival(7))
      const full = new Driver()
      full.register({ cursor: 0 })
      full.room = false
      full.see(arrival(1))
      for (const d of [acks, hole, settling, full]) assert.deepStrictEqual(restless(d), [id])
      acks.acks()
      hole.see(arrival(2))
      full.replay()
      for (const d of [acks, hole, full]) assert.deepStrictEqual(restless(d), [])
      hole.book = Book.forget(hole.book, id)
      settling.book = Book.forget(settling.book, id)
      assert.deepStrictEqual(restless(settling), [])
    })
  })

  describe("refused frames", () => {
    it("are no holes: their numbers are not closed by the same replay", () => {
      const d = new Driver()
      d.see(arrival(1), arrival(3))
      d.room = false
      d.replay(arrival(2), arrival(3))
      assert.deepStrictEqual(d.surfaced, ["del_1"])
      d.room = true
      d.replay(arrival(2), arrival(3))
      assert.deepStrictEqual(d.surfaced, ["del_1", "del_2", "del_3"])
    })

    it("are asked for again when there is room", () => {
      const d = new Driver()
      d.see(arrival(1))
      d.room = false
      d.see(arrival(2))
      assert.deepStrictEqual(d.surfaced, ["del_1"])
      d.room = true
      d.decisions.length = 0
      d.apply(Book.roomAgain(d.book, id))
      assert.deepStrictEqual(d.tags(), ["AskReplay"])
      d.apply(Book.roomAgain(d.book, id))
      assert.deepStrictEqual(d.tags(), ["AskReplay"])
    })

    it("below the collected ones keep settling from losing them", () => {
      const d = new Driver()
      d.register()
      d.replay()
      d.see(arrival(6))
      d.room = false
      d.see(arrival(5))
      d.tick(1_000)
      assert.deepStrictEqual(d.surfaced, [])
      d.room = true
      d.replay(arrival(5), arrival(6))
      assert.deepStrictEqual(d.surfaced, ["del_5", "del_6"])
    })
  })

  describe("restored from a store", () => {
    const restored = (o: {
      received: number
      acked: number
      unconfirmed: ReadonlyArray<number>
      seen?: ReadonlyArray<string>
    }) => {
      const d = new Driver()
      d.book = Book.restore(d.book, {
        agentId: id,
        name,
        ...o,
        seen: (o.seen ?? []).map((each) => DeliveryId.make(each))
      })
      return d
    }

    it("sends the acks that were withheld, and no more", () => {
      const d = restored({ received: 9, acked: 4, unconfirmed: [7, 9] })
      assert.deepStrictEqual(d.acks(), [6])
      d.confirm(7)
      assert.deepStrictEqual(d.acks(), [8])
      d.confirm(9)
      assert.deepStrictEqual(d.acks(), [9])
    })

    it("goes on where it was and knows what it had", () => {
      const d = restored({ received: 2, acked: 1, unconfirmed: [2], seen: ["del_1", "del_2"] })
      d.replay(arrival(1), arrival(2), arrival(3))
      assert.deepStrictEqual(d.surfaced, ["del_3"])
      assert.deepStrictEqual(d.tags().filter((tag) => tag === "ReAck").length, 1)
    })

    it("has nothing to ack when nothing was submitted", () => {
      assert.deepStrictEqual(restored({ received: 3, acked: 0, unconfirmed: [1, 2, 3] }).acks(), [])
    })
  })

  describe("seq 0", () => {
    it("moves nothing and is recognised by its delivery id", () => {
      const d = new Driver()
      d.see(
        arrival(0, { deliveryId: "evt_a" }),
        arrival(0, { deliveryId: "evt_b" }),
        arrival(0, { deliveryId: "evt_a" })
      )
      assert.deepStrictEqual(d.surfaced, ["evt_a", "evt_b"])
      d.confirm(0, false)
      assert.deepStrictEqual(d.acks(), [])
      d.see(arrival(1))
      assert.deepStrictEqual(d.surfaced, ["evt_a", "evt_b", "del_1"])
    })

    it("is never acked, not even again", () => {
      const d = new Driver()
      d.see(arrival(1), arrival(0, { deliveryId: "evt_a" }))
      d.confirm(1)
      d.acks()
      d.decisions.length = 0
      d.confirm(0, false)
      d.confirm(0, true)
      assert.deepStrictEqual(d.decisions, [])
      assert.deepStrictEqual(d.acks(), [])
    })

    it("remembers at least 512 events", () => {
      const d = new Driver()
      for (let i = 0; i < 512; i++) d.see(arrival(0, { deliveryId: `evt_${i}` }))
      d.see(arrival(0, { deliveryId: "evt_0" }))
      assert.strictEqual(d.surfaced.length, 512)
    })
  })

  describe("identities", () => {
    it("a name that got another id: the old one is acked no more, the new one after a second", () => {
      const next = AgentId.make("a2")
      const d = new Driver()
      d.register()
      d.see(arrival(1))
      d.confirm(1)
      d.now = 5_000
      d.register({ agentId: next })
      assert.deepStrictEqual(Book.dueAcks(d.book), [])
      d.see(arrival(1, { agentId: next, deliveryId: "del_other" }))
      d.apply(Book.confirm(d.book, { agentId: next, seq: 1, numbered: true }))
      assert.deepStrictEqual(Book.dueAcks(d.book), [{ agentId: next, name, upTo: 1, notBeforeMillis: 6_000 }])
    })

    it("the second lasts no longer when the clock is put back, and no shorter when it is not", () => {
      const next = AgentId.make("a2")
      const d = new Driver()
      d.register()
      d.now = 3_600_000
      d.register({ agentId: next })
      d.see(arrival(1, { agentId: next, deliveryId: "del_other" }))
      d.apply(Book.confirm(d.book, { agentId: next, seq: 1, numbered: true }))
      const notBefore = (now: number) => Book.dueAcks(Book.graceFrom(d.book, now))[0]?.notBeforeMillis
      assert.strictEqual(notBefore(3_600_000), 3_601_000)
      assert.strictEqual(notBefore(3_600_500), 3_601_000)
      assert.strictEqual(notBefore(60_000), 61_000)
      d.book = Book.graceFrom(d.book, 60_000)
      assert.strictEqual(notBefore(61_000), 61_000)
    })

    it("a second id that claims the name is delivered to its own id and never acked under it", () => {
      const stranger = AgentId.make("a9")
      const d = new Driver()
      d.register({ cursor: 0 })
      d.see(arrival(1, { agentId: stranger, deliveryId: "del_stranger" }))
      d.apply(Book.confirm(d.book, { agentId: stranger, seq: 1, numbered: true }))
      assert.deepStrictEqual(Book.dueAcks(d.book), [])
    })
  })
})
