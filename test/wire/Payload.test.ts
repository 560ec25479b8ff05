/** Every payload type and every place of a field that an engine has used, one by one: what is read where nothing else is there. */
import { assert, describe, it } from "@effect/vitest"
import { type Deliver, decodeInbound } from "../../src/wire/Inbound.ts"

import { readPayload } from "../../src/wire/Payload.ts"

const frameOf = (payload: unknown): Deliver => {
  const frame = { v: 1, type: "deliver", delivery_id: "d1", agent_id: "1", agent: "w1", msg_id: "m1", seq: 1, payload }
  const decoded = decodeInbound(JSON.stringify(frame))
  assert(decoded._tag === "Deliver")
  return decoded.frame
}
const read = (payload: unknown) => readPayload(frameOf(payload), "lab")
const messageOf = (payload: unknown) => {
  const reading = read(payload)
  assert(reading._tag === "Typed", `${JSON.stringify(payload)} is ${reading._tag}`)
  return reading.message
}

const data = { agent_name: "ann", text: "hi" }
const message = { id: "m1", from: "ann", target: "w1", text: "hi", mode: "wait", workspace: "lab" }

describe("is typed", () => {
  it.each([
    ...["created", "received", "new", "sent", "delivered"].map((verb) => `message.${verb}`),
    ...["received", "created", "new", "sent"].flatMap((verb) => [
      `dm.${verb}`,
      `direct_message.${verb}`,
      `group_dm.${verb}`
    ]),
    ...["dm.message.created", "group_dm.message.created"],
    ...["thread.reply", "thread.message.created", "thread.message.sent"],
    ""
  ])("%j", (type) => assert.deepStrictEqual(messageOf({ type, data }), message as never))

  it("without a type", () => assert.deepStrictEqual(messageOf({ data }), message as never))

  it("what is no record: as it stands, from the relay", () => {
    assert.deepStrictEqual(messageOf("hello"), { ...message, from: "relaycast", text: '"hello"' } as never)
  })
})

describe("is not typed", () => {
  it.each(["message.reacted", "message.read", "reaction.added", "reaction.removed"])("%s: silent", (payloadType) =>
    assert.deepStrictEqual(read({ type: payloadType, data }), { _tag: "Silent", payloadType })
  )

  it.each([
    "message",
    "message.edited",
    "dm.delivered",
    "thread.message.received",
    "action.invoked",
    "Message.created"
  ])("%s: unknown", (payloadType) =>
    assert.deepStrictEqual(read({ type: payloadType, data }), { _tag: "Unknown", payloadType })
  )

  it("of an unknown type no more than 80 characters are kept", () =>
    assert.deepStrictEqual(read({ type: "x".repeat(100) }), { _tag: "Unknown", payloadType: "x".repeat(80) }))
})

/** `a.b` → `{a: {b: value}}`. */
const nested = (path: string, value: unknown): object =>
  path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object

describe("fields", () => {
  it.each(["data.text", "text", "body", "content", "message.text", "payload.text"])("text from %s", (path) =>
    assert.strictEqual(messageOf({ type: "message.created", ...nested(path, "here") }).text, "here")
  )

  it.each([
    ...["data.agent_name", "data.from_name", "from", "sender", "author"],
    ...["message.agent_name", "message.from", "payload.from"]
  ])("sender from %s", (path) =>
    assert.strictEqual(messageOf({ type: "message.created", ...nested(path, "bea") }).from, "bea")
  )

  it.each([
    ["target", "ops", "ops"],
    ["to", "ops", "ops"],
    ["recipient", "ops", "ops"],
    ["message.target", "ops", "ops"],
    ["data.channel_name", "ops", "#ops"],
    ["channel", "ops", "#ops"],
    ["message.channel", "#ops", "#ops"]
  ])("target from %s", (path, value, target) =>
    assert.strictEqual(messageOf({ type: "message.created", ...nested(path, value) }).target, target)
  )

  it.each(["data.thread_id", "thread_id", "threadId", "data.parent_id"])("thread from %s", (path) =>
    assert.strictEqual(messageOf({ type: "thread.reply", ...nested(path, "t1") }).threadId, "t1")
  )

  it.each(["data.priority", "priority", "data.metadata.priority", "metadata.priority"])("priority from %s", (path) => {
    assert.strictEqual(messageOf({ type: "message.created", ...nested(path, 4) }).priority, 4)
    assert.strictEqual(messageOf({ type: "message.created", ...nested(path, "High") }).priority, 3)
  })

  it("the first place that says something wins, and a blank says nothing", () => {
    const { from, text } = messageOf({ type: "", data: { text: " ", from_name: "cid" }, body: "flat", from: "dan" })
    assert.deepStrictEqual([text, from], ["flat", "cid"])
  })
})

describe("results of actions", () => {
  it.each([
    ["action.completed", { action_name: "build", output: { ok: true } }, 'build completed: {"ok":true}'],
    ["action.failed", { action: "build", error: "no disk", output: "half" }, "build failed: no disk"],
    ["action.denied", { name: "build", error: "not yours" }, "build denied: not yours"],
    ["action.denied", {}, "action denied"]
  ])("%s %j", (type, about, text) => {
    const base = { id: "m1", from: "relaycast", target: "w1", mode: "wait", workspace: "lab" }
    assert.deepStrictEqual(messageOf({ type, data: about }), { ...base, text } as never)
  })
})
