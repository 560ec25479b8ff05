import { assert, describe, it } from "vitest"
import { InvocationId } from "../../src/domain/Ids.ts"
import { readInvocation } from "../../src/invocations/InvokeInput.ts"

const frame = (action: string, input: unknown, o: { agent_name?: string; agent_id?: string } = {}) =>
  readInvocation({ type: "action.invoke", invocation_id: InvocationId.make("inv_1"), action, input, ...o })

const spawn = {
  _tag: "Spawn",
  cli: undefined,
  task: undefined,
  channels: [],
  model: undefined,
  cwd: undefined,
  args: []
}

describe("readInvocation", () => {
  it.each([
    ["spawn:codex", { name: "w" }, { ...spawn, name: "w", cli: "codex" }],
    ["spawn:codex", { name: "w", cli: "my-codex" }, { ...spawn, name: "w", cli: "my-codex" }],
    ["spawn", { agent: "w", command: "cat" }, { ...spawn, name: "w", cli: "cat" }],
    ["spawn", { agent_name: "w", provider: "gemini" }, { ...spawn, name: "w", cli: "gemini" }],
    ["spawn", { name: "w", capability: "spawn:claude" }, { ...spawn, name: "w", cli: "claude" }],
    [
      "spawn",
      { agent: { name: "w", cli: "cat", task: "t", model: "m" } },
      { ...spawn, name: "w", cli: "cat", task: "t", model: "m" }
    ],
    ["spawn", { name: "w", cli: "cat", initial_task: "t" }, { ...spawn, name: "w", cli: "cat", task: "t" }],
    ["spawn", { name: "w", cli: "cat", prompt: "t" }, { ...spawn, name: "w", cli: "cat", task: "t" }],
    ["spawn", { name: "w", cli: "cat", channel: "#dev" }, { ...spawn, name: "w", cli: "cat", channels: ["dev"] }],
    ["spawn", { name: "w", cli: "cat", task: null, channel: null, model: null }, { ...spawn, name: "w", cli: "cat" }],
    ["spawn", { name: " ", cli: "cat" }, { ...spawn, name: undefined, cli: "cat" }],
    ["spawn", "nonsense", { ...spawn, name: undefined }],
    ["release", { name: "w", reason: "done" }, { _tag: "Release", name: "w", reason: "done" }],
    ["release", { name: "w", reason: null }, { _tag: "Release", name: "w", reason: undefined }],
    ["echo", { a: 1 }, { _tag: "Other", action: "echo" }],
    ["spawner", {}, { _tag: "Other", action: "spawner" }]
  ])("%s with %j", (action, input, expected: object) => {
    assert.deepStrictEqual<object>(
      readInvocation({ type: "action.invoke", invocation_id: InvocationId.make("inv_1"), action, input }),
      expected
    )
  })

  it("prefers the frame's agent name, and falls back to its agent id", () => {
    assert.deepInclude(frame("release", { name: "other" }, { agent_name: "w", agent_id: "1" }), { name: "w" })
    assert.deepInclude(frame("release", {}, { agent_id: "1" }), { name: "1" })
  })
})
