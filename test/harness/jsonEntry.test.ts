import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as fc from "fast-check"
import { removeEntry, setEntry } from "../../src/harness/jsonEntry.ts"

const keys = ["mcpServers", "agent-relay"] as const
const value = { command: "npx" }
const set = (text: string | undefined) => setEntry(text, keys, value)
const remove = (text: string) => removeEntry(text, keys, value)
const json = (document: unknown) => `${JSON.stringify(document, null, 2)}\n`

describe("setting an entry", () => {
  it.each<readonly [string | undefined, unknown]>([
    [undefined, { mcpServers: { "agent-relay": value } }],
    ["  \n", { mcpServers: { "agent-relay": value } }],
    ['{"a":1}', { a: 1, mcpServers: { "agent-relay": value } }],
    ['{"mcpServers":{"mine":{}},"z":0}', { mcpServers: { mine: {}, "agent-relay": value }, z: 0 }],
    ['{"mcpServers":{"agent-relay":{"command":"old"},"z":{}}}', { mcpServers: { "agent-relay": value, z: {} } }],
    ['{"mcpServers":null}', { mcpServers: { "agent-relay": value } }]
  ])("%s", (text, expected) => assert.deepStrictEqual(set(text), Either.right(json(expected))))

  it("leaves a text that says so already", () => {
    const text = '{"mcpServers": {"agent-relay": {"command": "npx"}}}'
    assert.deepStrictEqual(set(text), Either.right(text))
  })
  it.each(["[1]", "{ // comment\n}", '{"mcpServers": []}', "{"])("%s is refused", (text) =>
    assert.isTrue(Either.isLeft(set(text)))
  )
})

describe("removing it", () => {
  it.each<readonly [unknown, unknown]>([
    [{ mcpServers: { "agent-relay": value } }, {}],
    [
      { a: 1, mcpServers: { mine: {}, "agent-relay": value } },
      { a: 1, mcpServers: { mine: {} } }
    ]
  ])("%j", (document, expected) =>
    assert.deepStrictEqual(remove(JSON.stringify(document)), Either.right(json(expected)))
  )
  it.each(['{"mcpServers":{"agent-relay":{"command":"mine"}}}', "{}", "{ // comment\n}"])(
    "%s is not ours any more: left alone",
    (text) => assert.isTrue(Either.isLeft(remove(text)))
  )
  it("what was set and removed leaves any other document as it was", () =>
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (a, servers) => {
          const document = { ...a, mcpServers: { ...servers, mine: {} } }
          const both = Either.flatMap(set(JSON.stringify(document)), remove)
          assert.deepStrictEqual(
            Either.map(both, (text): unknown => JSON.parse(text)),
            Either.right(JSON.parse(JSON.stringify(document)))
          )
        }
      )
    ))
})
