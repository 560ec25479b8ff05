/** Every assertion of the suite relies on this: two values that differ are told apart, wherever they sit, by both ways to ask. */
import { assert, describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"

class Plain extends Error {
  readonly at: number
  constructor(at: number) {
    super("plain")
    this.at = at
  }
}
class Tagged extends Data.TaggedError("Tagged")<{ readonly at: number }> {}
class Described extends Schema.TaggedError<Described>()("Described", { at: Schema.Number }) {
  override get message() {
    return "described"
  }
}
class Record extends Schema.Class<Record>("Record")({ at: Schema.Number }) {}

// Made twice, so that nothing is equal because it is one and the same object.
const different: ReadonlyArray<readonly [string, () => unknown, () => unknown]> = [
  ["some and none", () => Option.some(1), () => Option.none()],
  ["some", () => Option.some({ a: 1 }), () => Option.some({ a: 2 })],
  ["an option in an option", () => Option.some(Option.some(1)), () => Option.some(Option.none())],
  ["none and undefined", () => Option.none(), () => undefined],
  ["none and an empty object", () => Option.none(), () => ({})],
  ["right and left", () => Either.right(1), () => Either.left(1)],
  ["right", () => Either.right({ a: 1 }), () => Either.right({ a: 2 })],
  ["redacted", () => Redacted.make("a"), () => Redacted.make("b")],
  ["redacted and its text", () => Redacted.make("a"), () => "a"],
  ["error", () => new Plain(1), () => new Plain(2)],
  ["error and its like", () => new Plain(1), () => Object.assign(new Error("plain"), { at: 1 })],
  ["error by cause", () => new Error("e", { cause: 1 }), () => new Error("e", { cause: 2 })],
  ["tagged error", () => new Tagged({ at: 1 }), () => new Tagged({ at: 2 })],
  ["tagged error with a message of its own", () => new Described({ at: 1 }), () => new Described({ at: 2 })],
  ["class", () => new Record({ at: 1 }), () => new Record({ at: 2 })],
  ["exit", () => Exit.succeed(1), () => Exit.succeed(2)],
  ["failed exit", () => Exit.fail(new Tagged({ at: 1 })), () => Exit.fail(new Tagged({ at: 2 }))],
  ["cause", () => Cause.fail(Option.some(1)), () => Cause.fail(Option.none())],
  ["chunk", () => Chunk.of(Option.some(1)), () => Chunk.of(Option.none())],
  ["duration", () => Duration.seconds(1), () => Duration.infinity],
  ["hash map", () => HashMap.make(["a", 1]), () => HashMap.make(["a", 2])],
  ["hash set", () => HashSet.make(1), () => HashSet.empty()]
]

describe.each(different)("%s", (_, one, other) => {
  it("tells them apart", () => {
    assert.notDeepEqual(one(), other())
    assert.notDeepEqual(other(), one())
    assert.throws(() => assert.deepStrictEqual(one(), other()))
    assert.throws(() => assert.deepStrictEqual({ deep: [one()] }, { deep: [other()] }))
    assert.throws(() => expect(one()).toEqual(other()))
    assert.throws(() => expect({ deep: [one()] }).toStrictEqual({ deep: [other()] }))
  })

  it("holds it for equal with its like", () => {
    assert.deepStrictEqual(one(), one())
    assert.deepStrictEqual({ deep: [other()] }, { deep: [other()] })
    expect({ deep: [one()] }).toEqual({ deep: [one()] })
  })
})

it("a hash map is the same in another order", () => {
  assert.deepStrictEqual(HashMap.make(["a", 1], ["b", 2]), HashMap.make(["b", 2], ["a", 1]))
})
