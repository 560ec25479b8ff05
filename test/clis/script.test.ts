import { assert, describe, it } from "@effect/vitest"
import { answerWords, readScript } from "./model/script.ts"

describe("the script of the model", () => {
  it("is read from the user's text; what holds blanks goes to the end of its line", () => {
    const script = readScript([
      "Relay message from alice [m1]: please do:think=300 do:stream=200 do:status=529*2\ndo:shell=touch a b\nmore do:ask"
    ])
    assert.strictEqual(script.thinkMillis, 300)
    assert.strictEqual(script.streamMillis, 200)
    assert.deepStrictEqual(script.status, { code: 529, times: 2 })
    assert.deepStrictEqual(script.shell, { command: "touch a b", asks: true })
    assert.isTrue(script.ask)
    assert.strictEqual(answerWords(script).length, 3)
  })

  it("is plain where nothing is said", () => {
    const script = readScript(["undo:think=300 and redo", "a do: b"])
    assert.deepStrictEqual(script, readScript([]))
  })

  it("reads the input of an MCP tool", () => {
    assert.deepStrictEqual(readScript(['do:mcp=send_dm {"to":"bob","text":"a b"}']).mcp, {
      tool: "send_dm",
      input: { to: "bob", text: "a b" }
    })
  })
})
