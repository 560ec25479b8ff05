/** As tables: what each family adds to a command line, and when it does not. */
import { assert, describe, it } from "vitest"
import { modelInstead } from "../../src/harness/codexInquiry.ts"
import { forwardedArgs } from "../../src/harness/codexThread.ts"
import { freshId, planOf } from "./rig.ts"

const known = "99999999-aaaa-4bbb-8ccc-dddddddddddd"
const skip = "--dangerously-skip-permissions"
const bypass = "--dangerously-bypass-approvals-and-sandbox"
const fresh = ["--session-id", freshId]

describe("bypass, model, given arguments, session: in this order", () => {
  it.each<readonly [string, ReadonlyArray<string>, string | undefined, ReadonlyArray<string>]>([
    ["claude", ["-v"], "opus", [skip, "--model", "opus", "-v", ...fresh]],
    ["/usr/bin/claude", [], undefined, [skip, ...fresh]],
    ["claude:fast", [], undefined, [skip, ...fresh]],
    ["claudette", [], undefined, []],
    ["claude", [skip], undefined, [skip, ...fresh]],
    ["claude", ["--allow-dangerously-skip-permissions"], undefined, ["--allow-dangerously-skip-permissions", ...fresh]],
    ["claude", ["--model", "haiku"], "opus", [skip, "--model", "haiku", ...fresh]],
    ["claude", ["-m=haiku"], "opus", [skip, "-m=haiku", ...fresh]],
    ["codex", ["-q"], "gpt-5.4", [bypass, "--model", "gpt-5.4", "-q"]],
    ["codex", ["--full-auto"], undefined, ["--full-auto"]],
    ["codex", ["--dangerously-bypass-hook-trust"], undefined, ["--dangerously-bypass-hook-trust"]],
    ["gemini", [], undefined, ["--yolo"]],
    ["gemini", ["-y"], "pro", ["--model", "pro", "-y"]],
    ["gemini", ["--yolo"], undefined, ["--yolo"]],
    ["gemini", ["--approval-mode", "default"], undefined, ["--approval-mode", "default"]],
    ["qwen", ["-y"], "m", ["--model", "m", "-y", "--session-id", freshId]],
    ["qwen", ["--continue"], undefined, ["--yolo", "--continue"]],
    ["gemini", ["--my-yard"], undefined, ["--yolo", "--my-yard"]],
    ["agy", [], "pro", [skip, "--model", "pro"]],
    ["grok", ["-x"], undefined, ["--always-approve", "-x"]],
    ["grok", ["--always-approve"], undefined, ["--always-approve"]],
    ["cursor-agent", ["-x"], "gpt", ["--force", "--approve-mcps", "--model", "gpt", "-x"]],
    ["agent", ["--force"], undefined, ["--approve-mcps", "--force"]],
    ["opencode", ["-x"], "a/b", ["--model", "a/b", "-x"]],
    ["droid", [], "m", ["--model", "m"]],
    ["aider", ["-x"], "m", ["--model", "m", "-x"]],
    ["goose", [], "m", ["session"]],
    ["goose", ["run", "-x"], undefined, ["run", "-x"]],
    ["cat", ["-u"], "m", ["--model", "m", "-u"]]
  ])("%s %j with model %s", (command, args, model, expected) =>
    assert.deepStrictEqual(planOf({ command, args, spec: model === undefined ? {} : { model } }).args, expected)
  )

  it("cursor is its agent's program, and a leading `agent` goes", () => {
    const plan = planOf({ command: "cursor", args: ["agent", "--x", "agent"] })
    assert.strictEqual(plan.command, "cursor-agent")
    assert.deepStrictEqual(plan.args, ["--force", "--approve-mcps", "--x", "agent"])
    assert.deepStrictEqual(planOf({ command: "cursor-agent", args: ["agent"] }).args.at(-1), "agent")
  })
  it("goose takes its model from a variable", () =>
    assert.deepStrictEqual(planOf({ command: "goose", spec: { model: "m" } }).env, { GOOSE_MODEL: "m" }))
})

describe("sessions of claude", () => {
  it.each<readonly [ReadonlyArray<string>, string | undefined, ReadonlyArray<string>]>([
    [[], freshId, fresh],
    [["--session-id", known], known, []],
    [[`--session-id=${known}`], known, []],
    [["--resume", known], known, []],
    [["-r", known], known, []],
    [["--resume"], undefined, []],
    [["-r", "--verbose"], undefined, []],
    [["--continue"], undefined, []],
    [["-c"], undefined, []],
    [["--continued"], freshId, fresh]
  ])("%j is session %s", (args, id, added) => {
    const plan = planOf({ command: "claude", args })
    assert.strictEqual(plan.sessionId, id)
    assert.deepStrictEqual(plan.args, [skip, ...args, ...added])
  })
  it("a session the caller names wins and adds nothing", () => {
    const plan = planOf({ command: "claude", args: ["-c"], spec: { sessionRef: known } })
    assert.strictEqual(plan.sessionId, known)
    assert.deepStrictEqual(plan.args, [skip, "-c"])
  })
  it.each([["--session-id", known], ["--resume", known], ["-c"], []])(
    "comes back with --resume, whatever it was started with (%s)",
    (...args) => {
      const context = { resumed: true, findings: { resumable: true } }
      const plan = planOf({ command: "claude", args: ["-v", ...args], spec: { sessionRef: known }, context })
      assert.deepStrictEqual(plan.args, [skip, "-v", "--resume", known])
      assert.isTrue(plan.resumed)
    }
  )
  it("comes back fresh, under the same id, when nothing was said in the session", () => {
    const plan = planOf({ command: "claude", spec: { sessionRef: known }, context: { resumed: true } })
    assert.deepStrictEqual(plan.args, [skip, "--session-id", known])
    assert.isFalse(plan.resumed)
  })
})

describe("sessions of codex", () => {
  const made = { findings: { sessionId: known } }
  it.each<readonly [ReadonlyArray<string>, string | undefined, ReadonlyArray<string>]>([
    [[], known, ["resume", known]],
    [["--config", "a=b", "-m", "x"], known, ["resume", known]],
    [["resume", "id-1"], "id-1", []],
    [["fork", "id-1"], "id-1", []],
    [["resume", "--last"], undefined, []],
    [["exec"], undefined, []],
    [["look at this"], undefined, []]
  ])("%j is session %s", (args, id, added) => {
    const plan = planOf({ command: "codex", args, context: made })
    assert.strictEqual(plan.sessionId, id)
    assert.deepStrictEqual(plan.args, [bypass, ...args, ...added])
  })
  it("no thread could be made: a session of its own, unknown to us", () => {
    const plan = planOf({ command: "codex" })
    assert.isUndefined(plan.sessionId)
    assert.deepStrictEqual(plan.args, [bypass])
  })
  it("comes back to its thread", () => {
    const plan = planOf({ command: "codex", spec: { sessionRef: known }, context: { resumed: true } })
    assert.deepStrictEqual(plan.args, [bypass, "resume", known])
    assert.isTrue(plan.resumed)
  })
  it("a session the caller names wins and adds nothing", () =>
    assert.deepStrictEqual(planOf({ command: "codex", spec: { sessionRef: known }, context: made }).args, [bypass]))
  it("the helper gets what shapes a thread", () =>
    assert.deepStrictEqual(
      forwardedArgs(["-p", "work", "--config", "a=b", "--search", "--sandbox=read-only", "-a", "never", "-i", "x.png"]),
      ["-p", "work", "--config", "a=b", "--sandbox=read-only", "-a", "never"]
    ))
})

describe("the model codex really offers", () => {
  const catalogue = (...models: ReadonlyArray<unknown>) => JSON.stringify({ models })
  it.each([
    [catalogue({ slug: "gpt-5.5", upgrade: null }), undefined],
    [catalogue({ slug: "gpt-5.5" }, { slug: "gpt-5.4" }), undefined],
    [catalogue({ slug: "gpt-5.5", upgrade: { model: "gpt-6" } }), "gpt-5.4"],
    [catalogue({ slug: "gpt-5.4" }), "gpt-5.4"],
    ["not JSON", undefined],
    ["{}", undefined]
  ])("%s → %s", (text, expected) => assert.strictEqual(modelInstead(text), expected))

  it.each<readonly [ReadonlyArray<string>, string | undefined, ReadonlyArray<string>]>([
    [[], "gpt-5.5", [bypass, "--model", "gpt-5.4"]],
    [["--model", "gpt-5.5", "-x"], undefined, [bypass, "--model", "gpt-5.4", "-x"]],
    [["-m=gpt-5.5"], "other", [bypass, "-m=gpt-5.4"]]
  ])("takes the place of the one asked for: %j, %s", (args, model, expected) => {
    const spec = model === undefined ? {} : { model }
    const plan = planOf({ command: "codex", args, spec, context: { findings: { model: "gpt-5.4" } } })
    assert.deepStrictEqual(plan.args, expected)
  })
})

describe("the sessions of gemini, qwen and opencode", () => {
  const known = "0f8fad5b-d9cb-469f-a165-70867728950e"
  const back = (command: string, resumable: boolean) =>
    planOf({ command, spec: { sessionRef: known }, context: { resumed: true, findings: { resumable } } })
  it.each(["gemini", "qwen"])("%s comes back with --resume, but only to a session that is there", (command) => {
    const there = back(command, true)
    assert.deepStrictEqual(there.args, ["--yolo", "--resume", known])
    assert.deepInclude(there, { sessionId: known, resumed: true })
    const gone = back(command, false)
    assert.notInclude(gone.args, "--resume")
    assert.isFalse(gone.resumed)
    assert.notStrictEqual(gone.sessionId, known)
  })
  it("opencode is told through its server: a lost session would end it", () => {
    assert.deepStrictEqual(back("opencode", true).args, [])
    assert.deepInclude(back("opencode", true), { sessionId: known, resumed: true })
  })
})
