/** What a replay proves depends on the session that brings it and on where the agent is (found by simulation). */
import { assert, describe, it } from "@effect/vitest"
import * as Book from "../../src/delivery/DeliveryBook.ts"
import { AgentId, AgentName, DeliveryId } from "../../src/domain/Ids.ts"

const id = AgentId.make("a1")
const name = AgentName.make("w1")

class Driver {
  book: Book.DeliveryBook<null> = Book.empty()
  now = 100_000
  readonly surfaced: Array<number> = []
  asked = 0

  apply([book, decisions]: Book.Step<null>) {
    this.book = book
    for (const decision of decisions) {
      if (decision._tag === "Surface") this.surfaced.push(decision.arrival.seq)
      if (decision._tag === "AskReplay") this.asked += 1
    }
  }
  see(...seqs: ReadonlyArray<number>) {
    for (const seq of seqs) this.frame(seq, true)
  }
  frame(seq: number, hasRoom: boolean) {
    const arrival = { deliveryId: DeliveryId.make(`del_${seq}`), agentId: id, agent: name, seq, content: null }
    this.apply(Book.observe(this.book, arrival, { hasRoom, nowMillis: this.now }))
  }
  register(cursor?: number) {
    this.book = Book.registered(this.book, { agentId: id, name, cursor, nowMillis: this.now })
  }
  replayStarts() {
    this.book = Book.replayStarts(this.book, this.now)
  }
  pass(millis: number) {
    this.now += millis
    this.apply(Book.tick(this.book, this.now))
  }
}

describe("a hole", () => {
  const withHole = () => {
    const d = new Driver()
    d.register(1)
    d.see(3)
    return d
  }

  it("is closed by a replay that brings nothing for its time", () => {
    const d = withHole()
    d.replayStarts()
    d.pass(Book.replayQuietMillis)
    assert.deepStrictEqual(d.surfaced, [3])
  })

  it("stays open when the session of that replay was lost, until another replay has had its time", () => {
    const d = withHole()
    d.replayStarts()
    d.book = Book.sessionLost(d.book)
    d.pass(60_000)
    assert.isUndefined(Book.nextTickMillis(d.book))
    assert.deepStrictEqual(d.surfaced, [])
    d.replayStarts()
    d.see(2, 3)
    assert.deepStrictEqual(d.surfaced, [2, 3])
  })

  it("of an agent that is not here says nothing, and asks for nothing", () => {
    const d = withHole()
    assert.isTrue(Book.hasOpenHole(d.book))
    d.book = Book.left(d.book, id)
    assert.isFalse(Book.hasOpenHole(d.book))
    d.replayStarts()
    d.pass(60_000)
    assert.isUndefined(Book.nextTickMillis(d.book))
    assert.deepStrictEqual(d.surfaced, [])
  })

  it("is not closed by a replay that began while the agent was away, once it is here again", () => {
    const d = withHole()
    d.book = Book.left(d.book, id)
    d.replayStarts()
    d.pass(Book.replayQuietMillis - 1)
    d.register()
    assert.isTrue(Book.hasOpenHole(d.book))
    d.pass(60_000)
    d.see(3)
    assert.deepStrictEqual(d.surfaced, [])
    d.replayStarts()
    d.see(2, 3)
    assert.deepStrictEqual(d.surfaced, [2, 3])
  })

  it("is closed by a replay that began after the agent came back", () => {
    const d = withHole()
    d.book = Book.left(d.book, id)
    d.replayStarts()
    d.book = Book.returned(d.book, id)
    d.replayStarts()
    assert.isFalse(Book.hasOpenHole(d.book))
    d.pass(Book.replayQuietMillis)
    assert.deepStrictEqual(d.surfaced, [3])
  })
})

describe("settling", () => {
  it("takes a quiet second after the replay that its first frame came with", () => {
    const d = new Driver()
    d.replayStarts()
    d.see(5, 6)
    assert.strictEqual(d.asked, 0)
    d.pass(Book.settleQuietMillis)
    assert.deepStrictEqual(d.surfaced, [5, 6])
  })

  it("starts at the lowest frame, also when a later one was refused", () => {
    const d = new Driver()
    d.replayStarts()
    d.see(5)
    d.frame(6, false)
    d.pass(Book.settleQuietMillis)
    assert.deepStrictEqual(d.surfaced, [5])
    assert.strictEqual(Book.agentOf(d.book, id)?.acked, 4)
    assert.strictEqual(Book.agentOf(d.book, id)?.confirmedEnd, 4)
  })

  it("starts below the lowest frame when an earlier one was refused", () => {
    const d = new Driver()
    d.replayStarts()
    d.frame(5, false)
    d.see(6)
    d.pass(Book.settleQuietMillis)
    assert.deepStrictEqual(d.surfaced, [])
    d.replayStarts()
    d.see(5, 6)
    assert.deepStrictEqual(d.surfaced, [5, 6])
  })

  it("of an agent that was registered meanwhile waits for a replay that began afterwards", () => {
    const d = new Driver()
    d.replayStarts()
    d.register()
    d.see(5)
    assert.strictEqual(d.asked, 1)
    d.pass(60_000)
    assert.deepStrictEqual(d.surfaced, [])
    d.replayStarts()
    d.see(4, 5)
    d.pass(Book.settleQuietMillis)
    assert.deepStrictEqual(d.surfaced, [4, 5])
  })

  it("does not trust the replay of long ago: a frame that comes alone is asked about", () => {
    const d = new Driver()
    d.replayStarts()
    d.pass(30_000)
    d.see(5)
    assert.strictEqual(d.asked, 1)
    assert.isTrue(Book.hasOpenHole(d.book))
    d.pass(30_000)
    assert.deepStrictEqual(d.surfaced, [])
    d.replayStarts()
    assert.isFalse(Book.hasOpenHole(d.book))
    d.see(3, 4, 5)
    assert.deepStrictEqual(d.surfaced, [3, 4, 5])
  })

  it("waits for the replay of the new session, although live frames come before its register is answered", () => {
    const d = new Driver()
    d.replayStarts()
    d.book = Book.sessionLost(d.book)
    d.see(5)
    d.pass(5_000)
    assert.deepStrictEqual(d.surfaced, [])
    d.replayStarts()
    d.see(1)
    d.see(2, 3, 4, 5)
    assert.deepStrictEqual(d.surfaced, [1, 2, 3, 4, 5])
  })

  it("a second copy of the same replay is no proof of anything", () => {
    const d = new Driver()
    d.replayStarts()
    d.see(5, 5)
    assert.deepStrictEqual(d.surfaced, [])
  })
})
