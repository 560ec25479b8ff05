/** `decodeInbound` is total: it gives a value for every text, and the right kind of value for each kind of damage. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { decodeInbound, knownFrameTypes } from "../../src/wire/Inbound.ts"
import { examplesOf, inboundFixtures } from "../support/wireFixtures.ts"

const deliver = {
  v: 1,
  type: "deliver",
  delivery_id: "del_1",
  agent_id: "1",
  agent: "w1",
  msg_id: "m1",
  seq: 4,
  mode: "wait",
  payload: { type: "dm.received", data: {} }
}

const read = (frame: unknown) => decodeInbound(JSON.stringify(frame))

describe("decodeInbound", () => {
  it.prop("never throws on any text", [FastCheck.string({ unit: "binary" })], ([text]) => {
    assert.isString(decodeInbound(text)._tag)
  })

  it.prop("never throws on any JSON", [FastCheck.json()], ([text]) => {
    assert.isString(decodeInbound(text)._tag)
  })

  it.prop(
    "never throws on a damaged frame, and never takes it for another type",
    [
      FastCheck.constantFrom(...examplesOf(inboundFixtures)),
      FastCheck.dictionary(
        FastCheck.constantFrom(
          "id",
          "ok",
          "data",
          "seq",
          "agent",
          "agent_id",
          "payload",
          "msg_id",
          "code",
          "__proto__"
        ),
        FastCheck.jsonValue()
      ),
      FastCheck.array(FastCheck.nat(10), { maxLength: 3 })
    ],
    ([[type, , frame], additions, removals]) => {
      const damaged: Record<string, unknown> = { ...frame, ...additions }
      for (const index of removals) delete damaged[Object.keys(damaged)[index] ?? ""]
      const decoded = read(damaged)
      if ("frame" in decoded) assert.strictEqual(decoded.frame.type, type as typeof decoded.frame.type)
    },
    { fastCheck: { numRuns: 500 } }
  )

  it.prop(
    "never throws on a cut-off frame",
    [FastCheck.constantFrom(...examplesOf(inboundFixtures)), FastCheck.nat(400)],
    ([[, , frame], length]) => {
      const text = JSON.stringify(frame)
      const decoded = decodeInbound(text.slice(0, length))
      assert.strictEqual(decoded._tag === "Malformed", length < text.length)
    }
  )

  it.each([
    ["an unknown type", { type: "node.spawn", id: "1" }, "UnknownFrame"],
    ["a type named like a method", { type: "constructor" }, "UnknownFrame"],
    ["no type", { id: "1" }, "Malformed"],
    ["a type that is no text", { type: 3 }, "Malformed"],
    ["an array", [deliver], "Malformed"],
    ["null", null, "Malformed"],
    ["a reply without an id", { type: "reply", data: {} }, "Malformed"],
    ["an error without a message", { type: "error", id: "1", code: "x" }, "Refusal"],
    ["a deliver with unknown keys", { ...deliver, extra: { a: 1 } }, "Deliver"],
    ["a deliver of a later mode", { ...deliver, mode: "whisper" }, "Deliver"],
    ["a deliver without a payload type", { ...deliver, payload: "text" }, "Deliver"],
    ["a deliver without its delivery id", { ...deliver, delivery_id: undefined }, "UndecodableDeliver"],
    ["a deliver with only an agent id", { ...deliver, agent: undefined, msg_id: 7 }, "UndecodableDeliver"],
    ["a deliver without agent and agent id", { ...deliver, agent: "", agent_id: null }, "Malformed"],
    ["a deliver with a negative seq", { ...deliver, seq: -1 }, "Malformed"],
    ["a deliver with a seq that is no whole number", { ...deliver, seq: 1.5 }, "Malformed"],
    ["a deliver with a seq beyond the safe integers", { ...deliver, seq: 2 ** 60 }, "Malformed"],
    ["a deliver with a seq of text", { ...deliver, seq: "4" }, "Malformed"]
  ])("%s", (_name, frame, tag) => {
    assert.strictEqual(read(frame)._tag, tag)
  })

  it("keeps what an undecodable deliver still says", () => {
    const decoded = read({ ...deliver, msg_id: 7 })
    assert(decoded._tag === "UndecodableDeliver")
    assert.deepInclude(decoded, { agent: "w1", agentId: "1", deliveryId: "del_1", seq: 4 } as object)
    assert.include(decoded.reason, "msg_id")
  })

  it("keeps unknown keys", () => {
    const decoded = read({ ...deliver, extra: { a: 1 } })
    assert(decoded._tag === "Deliver")
    assert.deepStrictEqual((decoded.frame as { readonly extra?: unknown }).extra, { a: 1 })
  })

  it("reads absent and null optionals alike", () => {
    const absent = read({ type: "action.invoke", invocation_id: "i", action: "echo" })
    const given = read({ type: "action.invoke", invocation_id: "i", action: "echo", agent_id: null, agent_name: null })
    assert.deepStrictEqual(given, absent)
  })

  it("survives deep nesting", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
    assert.strictEqual(decodeInbound(deep)._tag, "Malformed")
    assert.strictEqual(decodeInbound(JSON.stringify(deliver).replace("{}", deep))._tag, "Deliver")
    assert.strictEqual(
      decodeInbound(JSON.stringify({ ...deliver, msg_id: 7 }).replace("{}", deep))._tag,
      "UndecodableDeliver"
    )
  })

  it("quotes little of what it cannot read", () => {
    const decoded = decodeInbound(`x${"y".repeat(100_000)}`)
    assert(decoded._tag === "Malformed")
    assert.isAtMost(decoded.preview.length, 120)
  })

  it("knows six types", () => {
    assert.lengthOf(knownFrameTypes, 6)
  })
})

describe("a frame that is nested 3,000 levels deep", () => {
  const deep = `${"[".repeat(3_000)}${"]".repeat(3_000)}`
  const shapes: ReadonlyArray<readonly [string, string]> = [
    ["Malformed", `{"type":"error","id":"x","code":${deep}}`],
    ["Malformed", `{"type":"error","id":${deep},"code":"c"}`],
    ["Malformed", `{"type":"reply","id":${deep}}`],
    ["Reply", `{"type":"reply","id":"x","data":${deep}}`],
    ["Malformed", `{"type":"action.invoke","invocation_id":${deep},"action":"spawn"}`],
    ["ActionInvoke", `{"type":"action.invoke","invocation_id":"i","action":"spawn","input":${deep}}`],
    ["Malformed", `{"type":"context.update","topic":${deep},"event":"e"}`],
    ["Malformed", `{"type":${deep}}`],
    ["UnknownFrame", `{"type":"new","x":${deep}}`],
    ["UndecodableDeliver", `{"type":"deliver","agent":"a","seq":1,"delivery_id":${deep}}`]
  ]
  for (const [tag, text] of shapes) {
    it(`is read as ${tag}: ${text.slice(0, 60)}`, () => {
      const inbound = decodeInbound(text)
      assert.strictEqual(inbound._tag, tag)
      // Whoever prints or compares it later is safe, too.
      assert.isString(JSON.stringify(inbound))
    })
  }
})
