import { assert, describe, it } from "vitest"
import { modelArgs } from "../../src/harness/model.ts"

describe("modelArgs", () => {
  it.each([
    [undefined, ["a"], []],
    ["  ", ["a"], []],
    ["big", ["a"], ["--model", "big"]],
    ["big", ["--model", "small"], []],
    ["big", ["--model=small"], []],
    ["big", ["-m", "small"], []],
    ["big", ["-m=small"], []],
    ["big", ["--models"], ["--model", "big"]]
  ])("%s with %j gives %j", (model, args, expected) =>
    assert.deepStrictEqual(modelArgs(args, model === undefined ? {} : { model }), expected)
  )
})
