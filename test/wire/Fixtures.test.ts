/** Every recorded frame reads as what it is, in both directions, and as the published schemas read it. */
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { decodeInbound, knownFrameTypes } from "../../src/wire/Inbound.ts"
import { decodeOutboundEither, Outbound } from "../../src/wire/Outbound.ts"
import { readPayload } from "../../src/wire/Payload.ts"
import { publishedInbound, publishedOutbound } from "../support/publishedSchemas.ts"
import { examplesOf, type Frame, inboundFixtures, outboundFixtures } from "../support/wireFixtures.ts"

const tags: { readonly [type: string]: string } = {
  reply: "Reply",
  error: "Refusal",
  deliver: "Deliver",
  "action.invoke": "ActionInvoke",
  "context.update": "ContextUpdate",
  ping: "Ping"
}

describe("frames engine → node", () => {
  it("there is a file for every type that is read", () => {
    assert.deepStrictEqual(inboundFixtures.map((one) => one.type).sort(), [...knownFrameTypes].sort())
  })

  it.each(examplesOf(inboundFixtures))("%s: %s", (type, name, frame) => {
    const decoded = decodeInbound(JSON.stringify(frame))
    assert.strictEqual(decoded._tag, tags[type])
    // Null and absent are the same to us; everything else is kept.
    if ("frame" in decoded && type !== "ping")
      for (const [key, value] of Object.entries(frame))
        assert.deepStrictEqual((decoded.frame as Frame)[key] ?? null, value, `${key} was lost`)
    // The one example with an unknown key is what we must read and a strict reader would not.
    assert.strictEqual(publishedInbound(frame) === undefined, !name.includes("unknown key") || type === "error")
  })

  const typed = (from: string, target: string, text: string, mode = "wait") => ({ from, target, text, mode })
  it.each([
    ["dm.received", "Typed", typed("alice", "bob", "hello bob")],
    ["dm.received steer", "Typed", typed("alice", "bob", "while offline", "steer")],
    ["message.created", "Typed", typed("alice", "#general", "hi @bob in general")],
    ["thread.reply", "Typed", typed("alice", "#general", "a thread reply")],
    ["action.completed at seq 0", "Typed", typed("relaycast", "k1", 'echo completed: {"echoed":{"k":1}}')],
    ["message.read at seq 0", "Silent", {}],
    ["message.reacted at seq 0", "Silent", {}],
    ["reaction.added at seq 0", "Silent", {}],
    ["weird.event at seq 0 with an unknown key", "Unknown", {}]
  ])("the payload of deliver: %s is %s", (name, reading, message) => {
    const frame = inboundFixtures.find((one) => one.type === "deliver")?.examples[name]
    const decoded = decodeInbound(JSON.stringify(frame))
    assert(decoded._tag === "Deliver")
    const read = readPayload(decoded.frame, "ws")
    assert.strictEqual(read._tag, reading)
    if (read._tag === "Typed") assert.deepInclude(read.message as object, { ...message, id: decoded.frame.msg_id })
  })
})

describe("frames node → engine", () => {
  it("there is a file for every type that can be sent", () => {
    const sendable = new Set(Outbound.members.map((member) => member.fields.type.literals[0]))
    assert.deepStrictEqual(outboundFixtures.map((one) => one.type).sort(), [...sendable].sort())
  })

  it.each(examplesOf(outboundFixtures))("%s: %s", (_type, _name, frame) => {
    const decoded = Either.getOrThrow(decodeOutboundEither(JSON.stringify(frame)))
    assert.deepStrictEqual(Schema.encodeSync(Outbound)(decoded) as object, frame)
    assert.isUndefined(publishedOutbound(frame))
  })

  it.each(
    outboundFixtures.flatMap((one) => Object.entries(one.refused ?? {}).map(([name, frame]) => [one.type, name, frame]))
  )("refused %s: %s", (_type, _name, frame) => {
    assert(Either.isLeft(decodeOutboundEither(JSON.stringify(frame))))
    assert.isDefined(publishedOutbound(frame))
  })
})
