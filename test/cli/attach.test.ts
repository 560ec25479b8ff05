/** The pure parts of `attach`: what is new in a piece of output, and what keys mean. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { type KeyAction, noKeys, readKeys } from "../../src/cli/attach/keys.ts"
import { follow, happeningOf } from "../../src/cli/attach/Session.ts"

describe("follow", () => {
  it("a snapshot anywhere and the pieces from anywhere before it are the whole output, once", () =>
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.string({ minLength: 1 })), FastCheck.nat(), (pieces, at) => {
        const output = pieces.join("")
        let position = at % (output.length + 1)
        let seen = output.slice(0, position)
        let end = 0
        for (const chunk of pieces) {
          end += chunk.length
          const followed = follow(position, { chunk, position: end })
          assert.isFalse(followed.missed)
          position = followed.position
          seen += followed.text
        }
        assert.strictEqual(seen, output)
      })
    ))

  it("says what was missed, and takes nothing of it", () => {
    assert.deepStrictEqual(follow(3, { chunk: "xy", position: 6 }), { position: 3, text: "", missed: true })
    assert.deepStrictEqual(follow(4, { chunk: "xy", position: 6 }), { position: 6, text: "xy", missed: false })
  })
})

describe("keys", () => {
  const all = (typed: ReadonlyArray<string>, readOnly = false) => {
    let state = noKeys
    const actions: Array<KeyAction> = []
    for (const part of typed) {
      const keys = readKeys(state, part, readOnly)
      state = keys.state
      actions.push(...keys.actions)
    }
    return actions.map((action) => (action._tag === "Send" ? action.data : action._tag))
  }

  it("everything but our own keys is the program's, Ctrl-C and escape sequences included", () => {
    assert.deepStrictEqual(all(["a\x03\x1b[Aü\r"]), ["a\x03\x1b[Aü\r"])
  })

  it("the prefix works over two reads, sends itself, and gives back what it does not know", () => {
    assert.deepStrictEqual(all(["ab\x1d", "dcd"]), ["ab", "Detach", "cd"])
    assert.deepStrictEqual(all(["\x1df\x1d?"]), ["Flush", "Help"])
    assert.deepStrictEqual(all(["\x1d\x1d", "\x1dx"]), ["\x1d", "\x1dx"])
  })

  it("a paste is text, whatever is in it", () => {
    const paste = "\x1b[200~a\x1ddb\x1b[201~"
    assert.deepStrictEqual(all([`${paste}\x1dd`]), [paste, "Detach"])
  })

  it("a paste is one text over any number of reads, also where its marks are parted", () => {
    const paste = "\x1b[200~a\x1ddb\x1b[20\x1b[201~"
    const typed = `${paste}\x1dd`
    for (let at = 1; at < typed.length; at++) {
      const actions = all([typed.slice(0, at), typed.slice(at)])
      assert.deepStrictEqual([actions.slice(0, -1).join(""), actions.at(-1)], [paste, "Detach"], `at ${at}`)
    }
    assert.deepStrictEqual(all([...paste, "\x1dd"]).join(""), `${paste}Detach`)
    assert.deepStrictEqual(all(["\x1b[200~x", "q\x03\x1b[201~"], true), [])
  })

  it("a sequence that only begins as a paste does is no paste", () => {
    assert.deepStrictEqual(all(["\x1b[20", "3~\x1dd"]), ["\x1b[20", "3~", "Detach"])
    assert.deepStrictEqual(all(["\x1b", "q"], true), ["Detach"])
  })

  it("a viewer sends nothing, and leaves with q and Ctrl-C, too", () => {
    assert.deepStrictEqual(all(["abc\r"], true), [])
    assert.deepStrictEqual([all(["xq"], true), all(["\x03"], true)], [["Detach"], ["Detach"]])
  })
})

it("events of other agents, and of no concern, are nothing", () => {
  const stream = { kind: "worker_stream", name: "a", chunk: "x", position: 1 }
  assert.deepStrictEqual(happeningOf(stream, "a"), { _tag: "Output", chunk: "x", position: 1 })
  assert.isUndefined(happeningOf(stream, "b"))
  assert.isUndefined(happeningOf({ kind: "replay_gap" }, "a"))
  assert.isUndefined(happeningOf({ kind: "replay_gap", missedStreamChunks: 0 }, "a"))
  // Nothing more may come that would show it.
  assert.deepStrictEqual(happeningOf({ kind: "replay_gap", missedStreamChunks: 2 }, "a"), { _tag: "Missed" })
  assert.deepStrictEqual(happeningOf({ kind: "agent_exited", name: "a", code: null, signal: "9" }, "a"), {
    _tag: "MaybeEnded",
    how: "signal 9"
  })
})
