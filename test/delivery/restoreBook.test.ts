import { assert, describe, it } from "@effect/vitest"
import * as Book from "../../src/delivery/DeliveryBook.ts"
import { restoreBook } from "../../src/delivery/Mailboxes.ts"
import { AgentId, AgentName, DeliveryId } from "../../src/domain/Ids.ts"
import type { AgentRecord, CursorRecord, StoredState } from "../../src/store/Store.ts"

const name = AgentName.make("w1")
const [former, present] = [AgentId.make("1001"), AgentId.make("1002")]

/** Its messages up to 9 were put aside or submitted; the engine was told up to 4. */
const owing: CursorRecord = { agentId: former, name, received: 9, acked: 4 }

const recordOf = (agentId: AgentId): AgentRecord => ({
  ...{ name, agentId, generation: 2, state: "live", updatedAtMillis: 0 },
  spec: { name, cli: "program", args: [], channels: [], cwd: "/" }
})

const stateWith = (o: Partial<StoredState>): StoredState => ({
  ...{ open: [], submitted: [], cursors: [], recent: [], agents: [], invocations: [], undos: [] },
  ...o
})

/** Of a message that the former run knew. */
const replayed = (agentId: AgentId) => ({
  ...{ agentId, agent: name, deliveryId: DeliveryId.make("del_5"), seq: 5, content: null }
})
const former5 = { agentId: former, deliveryId: DeliveryId.make("del_5"), seq: 5 }
const see = (book: Book.DeliveryBook<null>, agentId: AgentId) =>
  Book.observe(book, replayed(agentId), { hasRoom: true, nowMillis: 0 })[0]

describe("the book that a former run left", () => {
  it("acks what the former run knew and could not say, once a frame or a register says whose the name is", () => {
    const book = restoreBook<null>(stateWith({ cursors: [owing], agents: [recordOf(former)], recent: [former5] }))
    assert.deepInclude(Book.dueAcks(see(book, former))[0], { agentId: former, upTo: 9 })
    const registered = Book.registered(book, { agentId: former, name, cursor: undefined, nowMillis: 0 })
    assert.deepInclude(Book.dueAcks(registered)[0], { agentId: former, upTo: 9 })
  })

  it("acks nothing before: the name may be another identity's by now, whatever is stored of that", () => {
    for (const agents of [[], [recordOf(former)], [recordOf(present)]]) {
      const book = restoreBook<null>(stateWith({ cursors: [owing], agents }))
      assert.deepStrictEqual(Book.dueAcks(book), [])
      const registered = Book.registered(book, { agentId: present, name, cursor: 0, nowMillis: 0 })
      assert.deepStrictEqual(Book.dueAcks(registered), [])
    }
  })
})
