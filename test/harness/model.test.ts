import { assert, describe, it } from "vitest"
import type { AgentSpec } from "../../src/domain/AgentSpec.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import { withModel } from "../../src/harness/model.ts"

const spec = (model?: string): AgentSpec => ({
  name: AgentName.make("w1"),
  cli: "agent",
  args: [],
  channels: [],
  cwd: "/",
  ...(model === undefined ? {} : { model })
})

describe("withModel", () => {
  it.each([
    [undefined, ["a"], ["a"]],
    ["  ", ["a"], ["a"]],
    ["big", ["a"], ["--model", "big", "a"]],
    ["big", ["--model", "small"], ["--model", "small"]],
    ["big", ["--model=small"], ["--model=small"]],
    ["big", ["-m", "small"], ["-m", "small"]],
    ["big", ["-m=small"], ["-m=small"]],
    ["big", ["--models"], ["--model", "big", "--models"]]
  ])("%s with %j gives %j", (model, args, expected) => {
    assert.deepStrictEqual(withModel({ command: "agent", args }, spec(model)).args, expected)
  })
})
