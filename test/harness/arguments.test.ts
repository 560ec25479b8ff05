/** As tables: what each family adds to a command line, and when it does not. */
import { assert, describe, it } from "vitest"
import { modelInstead } from "../../src/harness/codex/inquiry.ts"
import { freshId, planOf } from "./rig.ts"

const known = "99999999-aaaa-4bbb-8ccc-dddddddddddd"
const skip = "--dangerously-skip-permissions"
const bypass = "--dangerously-bypass-approvals-and-sandbox"
/** Codex without an app-server of ours starts none of its own either. */
const alone = ["--config", "features.daemon_auto_start=false"]
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
    ["codex", ["-q"], "gpt-5.4", [bypass, "--model", "gpt-5.4", ...alone, "-q"]],
    ["codex", ["--full-auto"], undefined, [...alone, "--full-auto"]],
    ["codex", ["--yolo"], undefined, [...alone, "--yolo"]],
    ["codex", ["--dangerously-bypass-hook-trust"], undefined, [...alone, "--dangerously-bypass-hook-trust"]],
    ["codex", ["exec", "go"], undefined, [bypass, "exec", "go"]],
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
  it.each<readonly [ReadonlyArray<string>, string | undefined]>([
    [[], undefined],
    [["--config", "a=b", "-m", "x"], undefined],
    [["resume", "id-1"], "id-1"],
    [["fork", "id-1"], "id-1"],
    [["resume", "--last"], undefined],
    [["look at this"], undefined]
  ])("%j is session %s as far as the launch knows", (args, id) => {
    const plan = planOf({ command: "codex", args })
    assert.strictEqual(plan.sessionId, id)
    assert.deepStrictEqual(plan.args, [bypass, ...alone, ...args])
  })
  it("comes back to its thread", () => {
    const plan = planOf({ command: "codex", spec: { sessionRef: known }, context: { resumed: true } })
    assert.deepStrictEqual(plan.args, [bypass, ...alone, "resume", known])
    assert.isTrue(plan.resumed)
  })
  it("to a thread that was not saved it cannot come back: a fresh one", () => {
    const context = { resumed: true, findings: { resumable: false } }
    const plan = planOf({ command: "codex", spec: { sessionRef: known }, context })
    assert.deepStrictEqual(plan.args, [bypass, ...alone])
    assert.isFalse(plan.resumed)
    assert.isUndefined(plan.sessionId)
  })
  it("a session the caller names wins and adds nothing", () =>
    assert.deepStrictEqual(planOf({ command: "codex", spec: { sessionRef: known } }).args, [bypass, ...alone]))
  it.each<ReadonlyArray<string>>([[], ["--yolo"], ["-s", "read-only", "-a=never"]])(
    "a thread that is resumed at its app-server keeps its own permissions: %j",
    (...args) => {
      const channel = { args: ["--remote", "unix:///d/codex"] }
      const o = { command: "codex", args: [...args, "-c", "a=b"], spec: { sessionRef: known } }
      assert.deepStrictEqual(planOf({ ...o, context: { channel, resumed: true } }).args, [
        ...["--remote", "unix:///d/codex", "-c", "a=b", "resume", known]
      ])
    }
  )
  it("speaks to the app-server that was opened for it, before everything the user gave", () => {
    const channel = { args: ["--remote", "unix:///d/codex"] }
    const plan = planOf({ command: "codex", args: ["-c", "a=b"], context: { channel } })
    assert.deepStrictEqual(plan.args, [bypass, "--remote", "unix:///d/codex", "-c", "a=b"])
  })
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
    [[], "gpt-5.5", [bypass, "--model", "gpt-5.4", ...alone]],
    [["--model", "gpt-5.5", "-x"], undefined, [bypass, ...alone, "--model", "gpt-5.4", "-x"]],
    [["-m=gpt-5.5"], "other", [bypass, ...alone, "-m=gpt-5.4"]]
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
