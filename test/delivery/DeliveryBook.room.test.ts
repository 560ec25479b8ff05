import { assert, describe, it } from "@effect/vitest"
import * as Book from "../../src/delivery/DeliveryBook.ts"
import { AgentId, AgentName, DeliveryId } from "../../src/domain/Ids.ts"

const agentId = AgentId.make("a1")
const agent = AgentName.make("w1")
const rows = 1_000

/** A book with an inbox of so many rows, an agent that takes messages when it is told to, and an engine that keeps what is unacked. */
class Mailbox {
  book: Book.DeliveryBook<null>
  readonly inbox: Array<number> = []
  readonly read: Array<number> = []
  readonly closed: Array<Book.Decision<null>> = []
  asks = 0
  cursor = 0

  constructor() {
    this.book = Book.registered(Book.empty<null>(), { agentId, name: agent, cursor: 0, nowMillis: 0 })
  }
  apply([book, decisions]: Book.Step<null>) {
    this.book = book
    for (const decision of decisions) {
      if (decision._tag === "Surface") this.inbox.push(decision.arrival.seq)
      else if (decision._tag === "HoleClosed") this.closed.push(decision)
      else if (decision._tag === "AskReplay") this.asks += 1
    }
  }
  see(seq: number) {
    const arrival = { deliveryId: DeliveryId.make(`del_${seq}`), agentId, agent, seq, content: null }
    const hasRoom = this.inbox.length + Book.heldBack(this.book, agentId) < rows
    this.apply(Book.observe(this.book, arrival, { hasRoom, nowMillis: 0 }))
  }
  /** `take` messages are read between two frames. */
  replay(last: number, take: (seq: number) => number) {
    this.book = Book.replayStarts(this.book, 0)
    for (let seq = this.cursor + 1; seq <= last; seq++) {
      this.see(seq)
      this.take(take(seq))
    }
  }
  take(count: number) {
    for (const seq of this.inbox.splice(0, count)) {
      this.read.push(seq)
      this.apply(Book.confirm(this.book, { agentId, seq, numbered: true }))
      this.apply(Book.roomAgain(this.book, agentId))
    }
    for (const due of Book.dueAcks(this.book)) {
      this.book = Book.ackSent(this.book, due)
      this.cursor = due.upTo
    }
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe("DeliveryBook, more than there is room for", () => {
  it("what comes after a refused frame is refused too, and waits for nothing here", () => {
    const box = new Mailbox()
    for (const seq of upTo(rows + 10)) box.see(seq)
    box.take(400)
    box.see(rows + 11)
    assert.strictEqual(Book.heldBack(box.book, agentId), 0)
    assert.isTrue(Book.agentOf(box.book, agentId)?.wantsReplay)
    box.take(400)
    assert.strictEqual(box.asks, 2)
    box.replay(rows + 11, () => 1)
    box.take(rows)
    assert.deepStrictEqual(box.read, upTo(rows + 11))
    assert.deepStrictEqual(box.closed, [])
  })

  it("an agent that reads on and off during the replays gets everything in order, once", () => {
    const box = new Mailbox()
    const last = 12_000
    for (const seq of upTo(last)) box.see(seq)
    for (let round = 0; round < 40 && box.cursor < last; round++) {
      box.replay(last, (seq) => (seq % 3 === round % 3 ? 1 : 0))
      box.take(rows)
    }
    assert.deepStrictEqual(box.read, upTo(last))
    assert.deepStrictEqual(box.closed, [])
  })

  it("what waits for a missing number leaves room for it", () => {
    const box = new Mailbox()
    const last = 3 * rows
    for (let seq = 2; seq <= last; seq++) box.see(seq)
    assert.strictEqual(Book.heldBack(box.book, agentId), Book.heldLimit)
    for (let round = 0; round < 10 && box.cursor < last; round++) {
      box.replay(last, () => 0)
      box.take(rows)
    }
    assert.deepStrictEqual(box.read, upTo(last))
    assert.deepStrictEqual(box.closed, [])
  })
})
