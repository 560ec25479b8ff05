import * as HashMap from "effect/HashMap"
import { describe, expect, it } from "vitest"
import * as Book from "../../src/delivery/DeliveryBook.ts"
import { makeDeparted } from "../../src/delivery/Mailboxes.ts"
import { AgentId, AgentName } from "../../src/domain/Ids.ts"

const id = (n: number) => AgentId.make(`a${n}`)
const registered = (book: Book.DeliveryBook<string>, n: number, name = `w${n}`) =>
  Book.registered(book, { agentId: id(n), name: AgentName.make(name), cursor: 0, nowMillis: 0 })

describe("agents that ended", () => {
  it("are remembered with the reason, up to the limit, and forgotten oldest first", () => {
    const departed = makeDeparted(2)
    expect(departed.add(id(1), "agent_released")).toEqual([])
    expect(departed.add(id(2), "worker_exited")).toEqual([])
    expect(departed.add(id(3), "agent_released")).toEqual([id(1)])
    expect([1, 2, 3].map((n) => departed.reasonOf(id(n)))).toEqual([undefined, "worker_exited", "agent_released"])
  })

  it("are the youngest when they end once more, and none when they came back", () => {
    const departed = makeDeparted(2)
    departed.add(id(1), "agent_released")
    departed.add(id(2), "agent_released")
    departed.add(id(1), "worker_exited")
    expect(departed.add(id(3), "agent_released")).toEqual([id(2)])
    departed.cameBack(id(1))
    expect(departed.reasonOf(id(1))).toBeUndefined()
    expect(departed.add(id(4), "agent_released")).toEqual([])
  })

  it("count when their spawn was undone, without a reason to bury what comes for them", () => {
    const departed = makeDeparted(1)
    expect(departed.add(id(1), undefined)).toEqual([])
    expect(departed.reasonOf(id(1))).toBeUndefined()
    expect(departed.add(id(2), undefined)).toEqual([id(1)])
  })
})

describe("a book that forgets", () => {
  it("is as if it had never known the agent", () => {
    const one = registered(Book.empty<string>(), 1)
    const back = Book.forget(registered(one, 2), id(2))
    expect([HashMap.size(back.agents), HashMap.size(back.names)]).toEqual([1, 1])
    expect(Book.agentOf(back, id(1))).toEqual(Book.agentOf(one, id(1)))
    expect(Book.forget(back, id(2))).toBe(back)
  })

  it("leaves a name that another agent has by now", () => {
    const book = registered(registered(Book.empty<string>(), 1, "w"), 2, "w")
    const back = Book.forget(book, id(1))
    expect(Book.ownerOf(back, AgentName.make("w"))).toBe(id(2))
  })
})
