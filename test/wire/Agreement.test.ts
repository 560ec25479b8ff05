/**
 * Our outbound schemas accept exactly what the published ones accept, so that whatever passes our encoder passes the
 * engine, and whatever the fake engine refuses a real one refuses too.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { decodeOutboundEither, encodeOutbound, Outbound } from "../../src/wire/Outbound.ts"
import { publishedOutbound } from "../support/publishedSchemas.ts"
import { examplesOf, type Frame, outboundFixtures } from "../support/wireFixtures.ts"

/** Both readers get what came over the wire: JSON, so no `undefined` and no class instances. */
const agree = (frame: unknown): boolean => {
  const text = JSON.stringify(frame)
  const ours = Either.isRight(decodeOutboundEither(text))
  const theirs = publishedOutbound(JSON.parse(text)) === undefined
  assert.strictEqual(ours, theirs, `ours ${ours}, published ${theirs}: ${text}`)
  return ours
}

const without = (frame: Frame, key: string): Frame =>
  Object.fromEntries(Object.entries(frame).filter(([other]) => other !== key))

/** Every key that a type may have, with a value of the right kind. */
const optionals: { readonly [type: string]: Frame } = {
  "node.register": { id: "r1", resume_cursor: "c" },
  "node.heartbeat": { id: "h1", name: "vm", node_id: "node_1", capabilities: [], max_agents: 3, version: "x" },
  "node.deregister": { id: "d1" },
  "agent.register": { id: "a1", invocation_id: "inv_1", session_ref: "s", resumable: true },
  "agent.deregister": { id: "a1", name: "bob" },
  "delivery.ack": { id: "k1" },
  "action.result": { id: "x1" },
  "inventory.sync": { id: "i1" }
}

const wrongValues: ReadonlyArray<unknown> = [
  null,
  "text",
  "",
  -1,
  0,
  1.5,
  2 ** 53,
  2 ** 53 - 1,
  1e300,
  true,
  [],
  [null],
  [{}],
  {},
  { name: "x" },
  [{ name: "x", extra: 1 }],
  [{ name: "x", kind: null }],
  [{ name: "x", metadata: { a: [1, { b: null }] } }],
  [{ name: "x", metadata: [] }],
  [{ agent_id: "1", name: "a", invocation_id: null }],
  [{ agent_id: "1", name: "a", session_ref: "s", invocation_id: "i" }]
]

describe("our outbound schemas and the published ones", () => {
  it.each(examplesOf(outboundFixtures))("table of mutations of %s: %s", (type, _name, frame) => {
    assert.isTrue(agree(frame))
    const full = { ...frame, ...optionals[type] }
    assert.isTrue(agree(full), "all optional keys together")
    assert.isFalse(agree({ ...frame, extra: 1 }), "an unknown key")
    assert.isFalse(agree({ ...frame, type: `${type}.x` }), "an unknown type")
    for (const key of Object.keys(full)) {
      agree(without(full, key))
      for (const value of wrongValues) agree({ ...full, [key]: value })
    }
    for (const key of Object.keys(optionals[type] ?? {}))
      assert.strictEqual(agree({ ...frame, [key]: null }), key === "resume_cursor", `${key}: null`)
  })

  it.each([
    ["neither output nor error", {}, false],
    ["both", { output: 1, error: "e" }, false],
    ["output null", { output: null }, true],
    ["output nested", { output: { a: [1, "x", { b: false }] } }, true],
    ["error null", { error: null }, false],
    ["output and error null", { output: 1, error: null }, false]
  ])("action.result with %s", (_name, rest, accepted) => {
    assert.strictEqual(agree({ v: 1, type: "action.result", invocation_id: "inv_1", ...rest }), accepted)
  })

  it.each([
    ['{"v":1,"type":"action.result","invocation_id":"i","output":{"__proto__":{"a":1}}}', true],
    ['{"v":1,"type":"action.result","invocation_id":"i","output":[1e400]}', false],
    ['{"v":1,"type":"node.deregister","__proto__":{"id":"1"}}', false],
    ['{"v":1,"type":"node.deregister","constructor":1}', false],
    ['{"v":1,"type":"delivery.ack","agent":"a","up_to_seq":-0}', true],
    ['{"v":1,"type":"delivery.ack","agent":"a","up_to_seq":1.0}', true],
    ['{"v":1,"type":"delivery.ack","agent":"a","up_to_seq":1e400}', false],
    ['{"v":1,"type":"node.heartbeat","load":1e400,"active_agents":0,"handlers_live":true}', false]
  ])("text that only a parser makes: %s", (text, accepted) => {
    assert.strictEqual(Either.isRight(decodeOutboundEither(text)), accepted)
    assert.strictEqual(publishedOutbound(JSON.parse(text)) === undefined, accepted)
  })

  it.each(["1", null, 0, 2, undefined])("version %s", (v) => {
    assert.isFalse(agree({ v, type: "node.deregister" }))
  })

  it.each([null, [], "x", 1, {}, [{ v: 1, type: "node.deregister" }]])("not a frame: %j", (value) => {
    assert.isFalse(agree(value))
  })

  it.effect("a value nested too deeply is a failure of the encoder, not a defect", () =>
    Effect.gen(function* () {
      const output = JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`)
      const error = yield* Effect.flip(encodeOutbound({ v: 1, type: "action.result", invocation_id: "i", output }))
      assert.include(error.message, "nested too deeply")
    })
  )

  it.effect.prop(
    "whatever our schemas produce, the published ones accept",
    { frame: Outbound },
    ({ frame }) =>
      Effect.map(encodeOutbound(frame), (text) => {
        assert.isUndefined(publishedOutbound(JSON.parse(text)), text)
      }),
    { fastCheck: { numRuns: 500 } }
  )

  const mutation = FastCheck.tuple(
    Arbitrary.make(Outbound),
    FastCheck.array(
      FastCheck.tuple(
        FastCheck.constantFrom(...new Set(Object.values(optionals).flatMap(Object.keys)), "output", "error", "agents"),
        FastCheck.oneof(FastCheck.jsonValue(), FastCheck.constantFrom(...wrongValues))
      ),
      { maxLength: 3 }
    ),
    FastCheck.array(FastCheck.nat(10), { maxLength: 2 })
  )
  it.prop(
    "they agree on frames with keys added, replaced and removed",
    [mutation],
    ([[frame, additions, removals]]) => {
      const mutated: Record<string, unknown> = { ...frame, ...Object.fromEntries(additions) }
      for (const index of removals) delete mutated[Object.keys(mutated)[index] ?? ""]
      agree(mutated)
    },
    { fastCheck: { numRuns: 1000 } }
  )
})
