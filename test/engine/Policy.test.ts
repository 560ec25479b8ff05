import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { EngineUnavailable } from "../../src/domain/Errors.ts"
import { version } from "../../src/domain/Version.ts"
import { errnoOf, readAnswer } from "../../src/engine/Attempt.ts"
import { quotable, readEnvelope } from "../../src/engine/Envelope.ts"
import {
  longestSleepMillis,
  longestWishMillis,
  maxRetries,
  nextDelay,
  retryAfterMillis
} from "../../src/engine/RetryPolicy.ts"

const error = new EngineUnavailable({ operation: "GET /x", url: "http://e", reason: "r" })

describe("RetryPolicy", () => {
  const input = FastCheck.record({
    failure: FastCheck.record(
      {
        error: FastCheck.constant(error),
        transient: FastCheck.boolean(),
        mayHaveActed: FastCheck.boolean(),
        retryAfterMillis: FastCheck.integer({ min: 0, max: 60_000 })
      },
      { requiredKeys: ["error", "transient", "mayHaveActed"] }
    ),
    retriesMade: FastCheck.integer({ min: 0, max: 6 }),
    repeat: FastCheck.constantFrom("repeatable" as const, "once" as const),
    random: FastCheck.double({ min: 0, max: 0.999, noNaN: true })
  })

  it.prop("its invariants hold for every failure", [input], ([o]) => {
    const delay = nextDelay(o)
    const wish = o.failure.retryAfterMillis ?? 0
    const may =
      o.failure.transient &&
      o.retriesMade < maxRetries &&
      wish <= longestSleepMillis &&
      !(o.repeat === "once" && o.failure.mayHaveActed)
    assert.strictEqual(delay !== undefined, may)
    if (delay === undefined) return
    assert.isAtLeast(delay, wish)
    assert.isAtLeast(delay, 100 * 2 ** o.retriesMade)
    assert.isAtMost(delay, Math.max(wish, 200 * 2 ** o.retriesMade))
  })

  it("Retry-After: seconds, dates, and nothing else", () => {
    assert.strictEqual(retryAfterMillis("7", 0), 7_000)
    assert.strictEqual(retryAfterMillis(" 0.5 ", 0), 500)
    assert.strictEqual(retryAfterMillis("Thu, 01 Jan 1970 00:00:09 GMT", 4_000), 5_000)
    assert.strictEqual(retryAfterMillis("Thu, 01 Jan 1970 00:00:01 GMT", 4_000), 0)
    for (const odd of [undefined, "", "soon", "-"]) assert.isUndefined(retryAfterMillis(odd, 0))
  })

  it("Retry-After: a day at most, whatever the unit or the clock", () => {
    assert.strictEqual(retryAfterMillis("86400", 0), longestWishMillis)
    for (const odd of ["1780000000000000", "9".repeat(400), "Fri, 31 Dec 9999 23:59:59 GMT"]) {
      assert.strictEqual(retryAfterMillis(odd, 0), longestWishMillis)
    }
  })
})

describe("Envelope", () => {
  it.prop(
    "any text is one of the three cases",
    [FastCheck.integer({ min: 200, max: 599 }), FastCheck.string()],
    ([s, t]) => {
      assert.include(["Data", "Refusal", "Foreign"], readEnvelope(s, t)._tag)
    }
  )

  it.prop("any JSON is one of the three cases", [FastCheck.jsonValue()], ([value]) => {
    const op = { name: "GET /x", credential: undefined, url: "http://e" }
    const read = readAnswer(op, { status: 200, retryAfter: undefined, text: JSON.stringify(value) }, 0)
    assert.include(["Left", "Right"], read._tag)
  })

  it("a refusal needs a code; its message may be missing", () => {
    assert.deepStrictEqual(readEnvelope(400, `{"ok":false,"error":{"code":"x","message":null},"more":1}`), {
      _tag: "Refusal",
      code: "x",
      message: ""
    })
    assert.strictEqual(readEnvelope(400, `{"ok":false,"error":{"code":""}}`)._tag, "Foreign")
    assert.strictEqual(readEnvelope(200, `{"data":{}}`)._tag, "Foreign")
  })

  it("quoted text is one bounded line without credentials", () => {
    const text = quotable(`a\u0000b\r\nc at_live_0123456789 nt_live_ffff rk_live_x-y ${"z".repeat(500)}`)
    assert.match(text, /^a b c <redacted> <redacted> <redacted> z+…$/)
    assert.strictEqual(text.length, 300)
  })
})

it("errnoOf finds the code below fetch's errors and survives odd ones", () => {
  const refused = Object.assign(new Error("x"), { code: "ECONNREFUSED" })
  assert.strictEqual(errnoOf(new TypeError("fetch failed", { cause: refused })), "ECONNREFUSED")
  assert.strictEqual(errnoOf({ cause: new AggregateError([refused, refused]) }), "ECONNREFUSED")
  const loop: { cause?: unknown } = {}
  loop.cause = loop
  for (const odd of [loop, null, undefined, "ECONNRESET", { code: 7 }, { code: "Bearer rk_live" }]) {
    assert.isUndefined(errnoOf(odd))
  }
})

it("the version is the package's", () => {
  const packageJson = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as unknown
  assert.strictEqual(version, (packageJson as { version: string }).version)
})
