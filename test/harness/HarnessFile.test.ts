/** Families described by a file: what they say, what they inherit, and how a mistake is told. */
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { claude } from "../../src/harness/claude/screen.ts"
import type { Harness } from "../../src/harness/Harness.ts"
import { readHarnessFile } from "../../src/harness/HarnessFile.ts"
import { readKeys } from "../../src/harness/keyNames.ts"
import type { LaunchContext } from "../../src/harness/Launch.ts"
import { mcpServerOf } from "../../src/harness/McpServer.ts"
import { generic } from "../../src/harness/terminal/generic.ts"
import { freshId, relay, specOf } from "./rig.ts"
import { screenOf } from "./screens.ts"

const read = (...entries: ReadonlyArray<object>) => readHarnessFile(JSON.stringify({ harnesses: entries }))
const harnessOf = (entry: object): Harness => {
  const choices = read({ family: "mine", commands: ["mine"], ...entry })
  if (Either.isLeft(choices)) throw new Error(choices.left)
  return choices.right[0]!.harness
}
const planOf = (entry: object, args: ReadonlyArray<string>, context: Partial<LaunchContext> = {}) =>
  harnessOf(entry).launch.plan({
    spec: specOf(),
    line: { command: "mine", args },
    environment: relay,
    mcp: undefined,
    directory: "/d",
    freshId,
    resumed: false,
    findings: {},
    channel: undefined,
    ...context
  })

describe("names", () => {
  it.each([
    ["mine", true],
    ["mine2", false],
    ["my-agent-7", true],
    ["my.agent-7", false],
    ["xmine", false]
  ])("%s is one: %s", (name, expected) => {
    const choices = read({ family: "mine", commands: ["mine", "my-agent-*"] })
    assert.strictEqual(Either.isRight(choices) && choices.right[0]?.matches(name), expected)
  })
})

describe("how it is launched", () => {
  it("arguments first, each unless it is given; variables", () => {
    const plan = planOf({ args: ["--yes", "--quiet"], env: { A: "1" } }, ["--quiet", "x"])
    assert.deepStrictEqual(plan.args, ["--yes", "--quiet", "x"])
    assert.deepStrictEqual(plan.env, { A: "1" })
  })
  it.each<readonly [object, ReadonlyArray<string>, ReadonlyArray<string>, object]>([
    [{}, [], ["--model", "m"], {}],
    [{ model: { flag: "--llm" } }, [], ["--llm", "m"], {}],
    [{ model: { flag: "--llm" } }, ["--model", "x"], ["--model", "x"], {}],
    [{ model: { env: "LLM" } }, [], [], { LLM: "m" }],
    [{ model: "none" }, [], [], {}]
  ])("the model with %j and %j", (entry, args, expected, env) => {
    const plan = planOf(entry, args, { spec: specOf({ model: "m" }) })
    assert.deepStrictEqual([plan.args, plan.env], [expected, env])
  })
  it("like a known family: its tools, sessions and flags, and its own on top", () => {
    const plan = planOf({ like: "claude", args: ["--profile=me"] }, [], { mcp: mcpServerOf(relay) })
    assert.deepStrictEqual(plan.args, [
      "--profile=me",
      "--dangerously-skip-permissions",
      "--mcp-config=/d/mcp.json",
      "--session-id",
      freshId
    ])
  })
})

describe("its terminal", () => {
  it("what is not said is the family's it is like", () => {
    assert.deepStrictEqual(harnessOf({}).terminal, generic)
    assert.deepStrictEqual(harnessOf({ like: "claude" }).terminal, { ...claude, dialogs: claude.dialogs })
  })
  it("a prompt: silence is loading, and what the other family shows means nothing", () => {
    const { readiness } = harnessOf({ like: "claude", readiness: { prompt: "^me> $", promptMillis: 90 } }).terminal
    assert.isTrue(readiness.isPrompt("me> "))
    assert.isFalse(readiness.isPrompt("me>"))
    assert.deepInclude(readiness, { silentMillis: undefined, promptMillis: 90 })
    assert.notProperty(readiness, "isReady")
  })
  it("a screen that says so, and one that says it is busy", () => {
    const { isBusy, readiness } = harnessOf({ readiness: { screen: "Ask me" }, busy: "^working" }).terminal
    assert.isTrue(readiness.isReady?.(screenOf(["hello", "Ask me anything"])))
    assert.isFalse(readiness.isReady?.(screenOf(["hello"])))
    assert.isTrue(isBusy?.(screenOf(["working…"])))
    assert.isFalse(isBusy?.(screenOf(["not working"])))
  })
  it("dialogs, before those of the other family", () => {
    const dialog = { name: "licence", says: ["Do you accept"], options: ["Yes", "No"], keys: "<down><enter>" }
    const [rule] = harnessOf({ like: "claude", dialogs: [dialog] }).terminal.dialogs
    assert.deepStrictEqual(rule?.answer, { keys: ["\x1b[B", "\r"], gapMillis: 100, times: 3 })
    assert.isTrue(rule?.isShown(screenOf(["Do you accept the licence?", "❯ 1. Yes", "  2. No"])))
    assert.isFalse(rule?.isShown(screenOf(["Do you accept the licence?"])))
    assert.isUndefined(harnessOf({ dialogs: [{ ...dialog, keys: undefined }] }).terminal.dialogs[0]?.answer)
  })
  it("guards, keys and the rest", () => {
    const { terminal } = harnessOf({
      guard: { showMillis: 1_000, gapMillis: 50, millisPerKiB: 10 },
      evidenceMillis: 3_000,
      brackets: "always",
      exitKeys: "/quit<enter>",
      interrupt: { keys: "<ctrl-c>" },
      reminder: "short"
    })
    assert.deepStrictEqual(terminal.enterGuard(2_048), { showMillis: 1_000, gapMillis: 70 })
    assert.deepInclude(terminal, {
      evidenceMillis: 3_000,
      brackets: "always",
      exitKeys: "/quit\r",
      interrupt: { keys: "\x03", gapMillis: 300 },
      reminder: "short"
    })
  })
  it.each([
    ["/exit<enter>", ["/exit", "\r"]],
    ["<ctrl-c><ctrl-d>", ["\x03", "\x04"]],
    ["a<lt>b", ["a", "<", "b"]],
    ["<escape>", ["\x1b"]]
  ])("keys %s", (text, expected) => assert.deepStrictEqual(readKeys(text), Either.right(expected)))
})

describe("mistakes, in one line with their place", () => {
  it.each<readonly [string, string]>([
    ["{", "not JSON: "],
    ["[]", "the file: "],
    ["{}", "harnesses: is missing"],
    ['{"harnesses":[{"commands":["x"]}]}', "harnesses[0].family: is missing"],
    ['{"harnesses":[{"family":"My Agent","commands":["x"]}]}', "harnesses[0].family: "],
    ['{"harnesses":[{"family":"a","commands":[]}]}', "harnesses[0].commands[0]: is missing"],
    ['{"harnesses":[{"family":"a","commands":["x"],"redy":1}]}', "harnesses[0].redy: is unexpected"],
    ['{"harnesses":[{"family":"a","commands":["x"],"like":"b"}]}', 'harnesses[0].like: no family "b" (known: claude, '],
    ['{"harnesses":[{"family":"a","commands":["x"],"readiness":{"prompt":"("}}]}', "harnesses[0].readiness.prompt: "],
    [
      '{"harnesses":[{"family":"a","commands":["x"],"exitKeys":"<home>"}]}',
      "harnesses[0].exitKeys: unknown key <home>"
    ],
    ['{"harnesses":[{"family":"a","commands":["x"],"evidenceMillis":-1}]}', "harnesses[0].evidenceMillis: "]
  ])("%s", (text, expected) => {
    const result = readHarnessFile(text)
    const problem = Either.isLeft(result) ? result.left : "none"
    assert.isTrue(problem.startsWith(expected), problem)
    assert.notInclude(problem, "\n")
  })
})
