import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { AgentTokens } from "../../src/node/AgentTokens.ts"

it.effect("the last token of a name, until it is removed; never readable by accident", () =>
  Effect.gen(function* () {
    const tokens = yield* AgentTokens
    assert.deepStrictEqual(yield* tokens.get("w1"), Option.none())
    yield* tokens.set("w1", Redacted.make("at_live_1"))
    yield* tokens.set("w1", Redacted.make("at_live_2"))
    yield* tokens.set("w2", Redacted.make("at_live_3"))
    const found = Option.getOrThrow(yield* tokens.get("w1"))
    assert.strictEqual(Redacted.value(found), "at_live_2")
    assert.notInclude(JSON.stringify(found), "at_live")
    yield* tokens.remove("w1")
    yield* tokens.remove("w1")
    assert.deepStrictEqual(yield* tokens.get("w1"), Option.none())
    assert.isTrue(Option.isSome(yield* tokens.get("w2")))
  }).pipe(Effect.provide(AgentTokens.layer))
)
