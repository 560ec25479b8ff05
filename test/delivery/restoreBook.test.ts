import { assert, describe, it } from "@effect/vitest"
import { dueAcks } from "../../src/delivery/DeliveryBook.ts"
import { restoreBook } from "../../src/delivery/restoreBook.ts"
import { AgentId, AgentName } from "../../src/domain/Ids.ts"
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

describe("the book that a former run left", () => {
  it("acks what the former run knew and could not say", () => {
    const book = restoreBook(stateWith({ cursors: [owing], agents: [recordOf(former)] }))
    assert.deepInclude(dueAcks(book)[0], { agentId: former, upTo: 9 })
    assert.lengthOf(dueAcks(restoreBook(stateWith({ cursors: [owing] }))), 1)
  })

  it("acks nothing of an identity whose name the engine gave to another one since, whatever is stored of that", () => {
    const agents = [recordOf(present)]
    assert.deepStrictEqual(dueAcks(restoreBook(stateWith({ cursors: [owing], agents }))), [])
    const settled: CursorRecord = { agentId: present, name, received: 2, acked: 2 }
    assert.deepStrictEqual(dueAcks(restoreBook(stateWith({ cursors: [settled, owing], agents }))), [])
  })
})
