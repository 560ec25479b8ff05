import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { type CommandWords, normalise } from "../../src/cli/argv.ts"

const send: CommandWords = { flags: ["--json"], valued: ["--from", "--mode"], maxWords: Number.POSITIVE_INFINITY }
const spawn: CommandWords = { flags: ["--json"], valued: ["--cli"], maxWords: 1, passThrough: true }
const status: CommandWords = { flags: ["--json"], valued: [], maxWords: 0 }

const ordered = (words: string, spec: CommandWords) =>
  Either.match(normalise(words === "" ? [] : words.split(" "), spec), {
    onLeft: (problem) => problem,
    onRight: (argv) => argv.join(" ")
  })

describe("normalise", () => {
  const table: ReadonlyArray<readonly [string, CommandWords, string]> = [
    ["bob hi --json", send, "--json bob hi"],
    ["bob hi --from me there", send, "--from me bob hi there"],
    ["bob --from=me=you hi", send, "--from me=you bob hi"],
    ["bob --from=-me hi", send, "--from -me bob hi"],
    ["bob -1 - hi", send, "bob -1 - hi"],
    ["bob -- --json -x", send, "bob -- --json -x"],
    ["--json --json bob", send, "--json bob"],
    ["bob --help", send, "--help bob"],
    ["bob hi --jsn", send, "unknown option --jsn; did you mean --json?"],
    ["bob hi --frobnicate", send, "unknown option --frobnicate"],
    ["bob -x hi", send, "unknown option -x"],
    ["--from=a --from b x", send, "option --from is given twice"],
    ["--cap=a --cap b x", { ...send, valued: ["--cap"], repeatable: ["--cap"] }, "--cap a --cap b x"],
    ["--from", send, "option --from needs a value (--from=-x for one that starts with a dash)"],
    ["--from --json bob", send, "option --from needs a value (--from=-x for one that starts with a dash)"],
    ["--json=yes", send, "option --json takes no value"],
    ["w1 --cli claude -- -a b", spawn, "--cli claude w1 -- -a b"],
    ["w1 claude", spawn, "unexpected argument 'claude'; words for the program go after --"],
    ["x", status, "unexpected argument 'x'"],
    ["-- x", status, "unexpected argument 'x'"],
    ["", status, ""]
  ]
  it.each(table)("%s", (words, spec, expected) => {
    assert.strictEqual(ordered(words, spec), expected)
  })

  it("checks values", () => {
    const wrong = (name: string, value: string) => (name === "--mode" && value === "x" ? "needs y" : undefined)
    assert.strictEqual(ordered("--mode x", { ...send, wrong }), "option --mode needs y")
    assert.strictEqual(ordered("--mode=y --from x", { ...send, wrong }), "--mode y --from x")
  })

  it("loses no word, whatever their order", () => {
    const known = ["--json", "--from", "bob", "hi", "-1", "a=b"]
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.constantFrom(...known)), (words) => {
        const result = normalise(words, send)
        if (Either.isLeft(result)) return
        const expected = words.filter((word, i) => word !== "--json" || words.indexOf(word) === i)
        assert.deepStrictEqual([...result.right].sort(), [...expected].sort())
      })
    )
  })
})
