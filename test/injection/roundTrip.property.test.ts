/** Any text on its way into a terminal: what a composer makes of the bytes is the text, and nothing in it acts on the terminal. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as TestClock from "effect/TestClock"
import { relayLine, sanitiseBody } from "../../src/injection/RelayLine.ts"
import * as rig from "../workers/rig.ts"

/** As programs take input with brackets on: keys, and between the brackets a paste. */
const composerOf = (bytes: string): { readonly pastes: ReadonlyArray<string>; readonly keys: string } => {
  const pastes: Array<string> = []
  let keys = ""
  for (let rest = bytes; rest !== ""; ) {
    const start = rest.indexOf("\x1b[200~")
    const end = rest.indexOf("\x1b[201~", start)
    if (start < 0 || end < 0) return { pastes, keys: keys + rest }
    keys += rest.slice(0, start)
    pastes.push(rest.slice(start + 6, end))
    rest = rest.slice(end + 6)
  }
  return { pastes, keys }
}

const hostile = FastCheck.array(
  FastCheck.oneof(
    FastCheck.string({ unit: "grapheme" }),
    FastCheck.string({ unit: "binary" }),
    FastCheck.constantFrom(
      "\x1b[201~",
      "\x1b[200~",
      "\x1b",
      "\x9b201~",
      "\r",
      "\n",
      "\r\n",
      "\t",
      "\x03",
      "\x04",
      "\x7f",
      "/exit\r",
      "👩‍👩‍👧"
    )
  ),
  { maxLength: 12 }
).map((parts) => parts.join(""))

describe("round trip", () => {
  it.effect("one paste whose content is the text; no ESC but our brackets; Enter is the only key", () =>
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x", { skipRelayPrompt: true }), rig.echoing)
      yield* process.emit("\x1b[?2004h$ ")
      yield* rig.settle
      for (const text of FastCheck.sample(hostile, { numRuns: 150, seed: 6 })) {
        const before = process.writes.length
        const { item } = yield* rig.send(worker, { text })
        yield* rig.settle
        // Reading is paced: the next echo has a turn of its own.
        yield* TestClock.adjust("200 millis")
        yield* rig.settle
        const { keys, pastes } = composerOf(process.writes.slice(before).join(""))
        assert.deepStrictEqual(pastes, [`${relayLine(item.delivery.message, false)} `])
        assert.isTrue(pastes[0]?.endsWith(`${sanitiseBody(text)} `))
        assert.notMatch(pastes[0]!, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/)
        assert.strictEqual(keys, "\r")
      }
    }).pipe(Effect.provide(rig.fakeLayer()))
  )

  it("what is not a control, a blank end or an imitation comes through as it is", () =>
    FastCheck.assert(
      FastCheck.property(FastCheck.string({ unit: "grapheme", maxLength: 300 }), (text) => {
        FastCheck.pre(!/[\x00-\x1f\x7f-\x9f\u2028\u2029<>\ufe64\uff1c]|relay/i.test(text.normalize("NFKC")))
        assert.strictEqual(sanitiseBody(text), text.trimEnd())
      })
    ))
})
