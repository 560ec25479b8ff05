import { assert, describe, it } from "vitest"
import { assembleTask } from "../../src/harness/task.ts"

const of = (asked: Partial<Parameters<typeof assembleTask>[0]>, continued?: Parameters<typeof assembleTask>[1]) =>
  assembleTask({ cli: "claude", ...asked }, continued)

describe("an initial task", () => {
  it.each([
    [{}, undefined],
    [{ task: "  " }, undefined],
    [{ task: " do it\n" }, " do it\n"],
    [{ model: "haiku" }, undefined]
  ])("%j is %j", (asked, expected) => assert.strictEqual(of(asked), expected))

  it("and an exit after it, also without a task", () => {
    assert.match(
      of({ task: "do it", exitAfterTask: true }) ?? "",
      /^do it\n\nWhen the task is done.* call the tool remove_agent/
    )
    assert.match(of({ exitAfterTask: true }) ?? "", /^When the task is done/)
    assert.strictEqual(of({ task: "do it", exitAfterTask: true, runtime: "headless" }), "do it")
  })
  it.each(["claude-haiku-4", "gpt-5-mini", "gemini-3-flash", "Small", "o4-mini-high"])("%s is told how", (model) =>
    assert.match(of({ task: "do it", model }) ?? "", /mcp__agent-relay__send_dm.*\n\ndo it$/s)
  )
  it.each(["opus", "gpt-5.4", "minimal", "flash"])("%s is not", (model) =>
    assert.strictEqual(of({ task: "do it", model }), "do it")
  )
  it.each(["gemini", "/usr/bin/gemini --x"])("%s gets a hint", (cli) =>
    assert.match(of({ task: "do it", cli }) ?? "", /^The relay's tools are in [^\n]+\n\ndo it$/)
  )
  it("nothing of the relay where it shall not be known", () =>
    assert.strictEqual(of({ task: "do it", cli: "gemini", model: "x-mini", skipRelayPrompt: true }), "do it"))
  it("how-to, then what was, then the task and its end", () => {
    const text = of({ task: "do it", model: "x-mini", exitAfterTask: true }, (task) => `was\n\n${task}`) ?? ""
    const places = ["Agent Relay", "was", "do it", "remove_agent"].map((part) => text.indexOf(part))
    assert.deepStrictEqual(
      places,
      [...places].sort((a, b) => a - b)
    )
  })
})
