import { assert, describe, it } from "@effect/vitest"
import { type Entry, Inbox, inboxLimits } from "../../src/delivery/Inbox.ts"
import { AgentId, AgentName, DeliveryId, MessageId } from "../../src/domain/Ids.ts"
import type { InjectionMode, RelayMessage } from "../../src/domain/Message.ts"

const mebibyte = 1024 * 1024

const messageOf = (id: string, mode: InjectionMode): RelayMessage => ({
  ...{ id: MessageId.make(id), from: "alice", target: "w1", text: id, mode }
})

/** All of one millisecond. `bytes`: what its text takes; as a row of a former run, whose text was not read yet. */
const entryOf = (id: string, o: Partial<Pick<Entry, "mode" | "origin" | "message">> = {}): Entry => ({
  deliveryId: DeliveryId.make(id),
  messageId: MessageId.make(id),
  agentId: AgentId.make("a1"),
  agent: AgentName.make("w1"),
  from: "alice",
  target: "w1",
  mode: "wait",
  seq: 1,
  origin: "engine",
  numbered: true,
  receivedAtMillis: 1_000,
  bytes: 256,
  mayBeRepeat: false,
  message: messageOf(id, o.mode ?? "wait"),
  ...o
})

const inboxWith = (...entries: ReadonlyArray<Entry>) => {
  const inbox = new Inbox(AgentId.make("a1"), AgentName.make("w1"))
  for (const entry of entries) {
    if (entry.origin === "initial_task") inbox.addFirst(entry)
    else inbox.add(entry, true)
  }
  return inbox
}

const handAll = (inbox: Inbox): ReadonlyArray<Entry> => {
  const entry = inbox.hand()
  return entry === undefined ? [] : [entry, ...handAll(inbox)]
}
const ids = (entries: ReadonlyArray<Entry>) => entries.map(({ deliveryId }) => deliveryId as string)

describe("an inbox whose worker gives entries back", () => {
  it("hands them out again in the order in which they came, in whatever order they come back", () => {
    const inbox = inboxWith(entryOf("one"), entryOf("two"), entryOf("three"))
    const [one, two] = [inbox.hand()!, inbox.hand()!]
    inbox.takeBack(two)
    inbox.takeBack(one)
    assert.deepStrictEqual(ids(handAll(inbox)), ["one", "two", "three"])
  })

  it("keeps the initial task before older messages, and steers before both kinds that wait", () => {
    const inbox = inboxWith(
      entryOf("old"),
      entryOf("steer", { mode: "steer" }),
      entryOf("task", { origin: "initial_task" })
    )
    const first = handAll(inbox)
    assert.deepStrictEqual(ids(first), ["task", "steer", "old"])
    for (const entry of [...first].reverse()) inbox.takeBack(entry)
    assert.deepStrictEqual(ids(handAll(inbox)), ["task", "steer", "old"])
  })
})

describe("texts of a former run that were left on disk", () => {
  it("count by their real size from the moment they are read", () => {
    const inbox = inboxWith(...Array.from({ length: 10 }, (_, i) => entryOf(`m${i}`, { message: undefined })))
    const handed: Array<Entry> = []
    for (let entry = inbox.hand(); entry !== undefined; entry = inbox.hand()) {
      inbox.remember(entry, messageOf(entry.messageId, "wait"), mebibyte)
      handed.push(entry)
    }
    assert.lengthOf(handed, inboxLimits.windowBytes / mebibyte)
    inbox.remove(handed[0]!)
    assert.isDefined(inbox.hand())
  })

  it("and small ones do not stand in each other's way", () => {
    const inbox = inboxWith(...Array.from({ length: 10 }, (_, i) => entryOf(`m${i}`, { message: undefined })))
    for (let entry = inbox.hand(); entry !== undefined; entry = inbox.hand()) {
      inbox.remember(entry, messageOf(entry.messageId, "wait"), 300)
    }
    assert.isTrue(inbox.list().every(({ handed }) => handed))
  })
})
