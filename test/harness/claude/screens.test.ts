/** Screens recorded from the programs themselves, and what the rules read from them. */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { essence, holds } from "../../../src/harness/Composer.ts"
import { claude } from "../../../src/harness/claude/screen.ts"
import { dialogShown, readMenu } from "../../../src/harness/Dialog.ts"
import { screen, screenOf } from "../screens.ts"

const composer = claude.composer ?? assert.fail("no composer")
const read = (name: string) => {
  const view = screen(`claude/${name}`)
  const dialog = dialogShown(claude.dialogs, "starting", view)
  return [
    holds(composer, composer.read(view), ""),
    claude.isBusy?.(view) === true ? "busy" : "idle",
    dialog === undefined ? undefined : `${dialog.name}: ${dialog.asks}`
  ]
}

const free = ["empty", "idle", undefined]
const busy = ["empty", "busy", undefined]
const draft = ["other", "idle", undefined]
const asks = (dialog: string) => ["hidden", "idle", dialog]

const expected: Readonly<Record<string, ReadonlyArray<string | undefined>>> = {
  idle: free,
  "after-turn": free,
  help: free,
  "exit-hint": free,
  thinking: busy,
  streaming: busy,
  queued: busy,
  retrying: busy,
  draft,
  chip: draft,
  "slash-menu": draft,
  "at-menu": draft,
  trust: asks("trust: trust"),
  bypass: asks("bypass_permissions: permission"),
  "api-key": asks("api_key: login"),
  "not-logged-in": ["empty", "idle", "login: login"],
  theme: asks("theme: menu"),
  "security-notes": asks("notice: notice"),
  "auto-mode-question": asks("permission: permission"),
  permission: asks("permission: permission"),
  question: asks("question: question"),
  "shell-mode": asks("shell_mode: shell_mode"),
  transcript: asks("transcript: transcript"),
  search: asks("search: search"),
  "agents-view": asks("agents: menu"),
  rewind: asks("menu: menu"),
  "model-menu": asks("menu: menu"),
  config: asks("menu: menu"),
  resume: asks("menu: menu"),
  permissions: asks("menu: menu")
}

describe.each(["2.1.197", "2.1.332"])("screens of %s", (version) => {
  const recorded = readdirSync(join(import.meta.dirname, "../../../fixtures/screens/claude", version)).map((file) =>
    file.replace(/\.txt$/, "")
  )
  it("are all known here", () => {
    assert.isAbove(recorded.length, 20)
    assert.deepStrictEqual(
      recorded.filter((name) => expected[name] === undefined),
      []
    )
  })
  it.each(recorded)("%s", (name) => {
    assert.deepStrictEqual(read(`${version}/${name}`), expected[name])
  })
})

describe("answers by label", () => {
  it.each([
    ["2.1.197/trust", ["Yes, I trust this folder", "No, exit"], 0, 0],
    ["2.1.332/trust", ["No, exit", "Yes, I trust this folder"], 0, 1],
    ["2.1.197/bypass", ["No, exit", "Yes, I accept"], 0, 1],
    ["2.1.332/bypass", ["No, exit", "Yes, I accept"], 0, 1]
  ] as const)("%s: the mark is seen, and where it must go", (name, options, marked, wanted) => {
    const view = screen(`claude/${name}`)
    const answer = dialogShown(claude.dialogs, "starting", view)?.answer
    const label = answer !== undefined && "choose" in answer ? answer.choose : assert.fail("not by label")
    const menu = readMenu(view, [label])
    assert.deepStrictEqual(menu, { options: [...options], marked })
    assert.strictEqual(
      menu.options.findIndex((option) => label.test(option)),
      wanted
    )
  })

  it("nothing that asks during the work is answered by the broker", () => {
    const answered = claude.dialogs.filter(({ answer, phase }) => phase === "any" && answer !== undefined)
    assert.deepStrictEqual(answered, [])
  })
})

describe("what its composer holds", () => {
  const rule = "─".repeat(80)
  const box = (...rows: ReadonlyArray<string>) =>
    screenOf([rule, `❯ ${rows[0] ?? ""}`, ...rows.slice(1).map((row) => `  ${row}`), rule, "  ? for shortcuts"])
  const held = (typed: string, ...rows: ReadonlyArray<string>) =>
    holds(composer, composer.read(box(...rows)), essence(typed))

  it("a text that names a chip is itself, not a chip", () => {
    assert.strictEqual(held("see [Pasted text #1] ok", "see [Pasted text #1] ok"), "ours")
    assert.strictEqual(held("see [Pasted text #1 +9 lines]", "see [Pasted text #1 +9 lines]"), "ours")
    assert.strictEqual(held("mine", "see [Pasted text #1] ok"), "other")
  })

  it("what an agent says of other views does not hide it", () => {
    const said = ["● search prompts: none", "  enter to open · space to reply", "Showing detailed transcript"]
    const view = screenOf([...said, rule, "❯ ", rule, "  ? for shortcuts"])
    assert.strictEqual(holds(composer, composer.read(view), ""), "empty")
    assert.isUndefined(dialogShown(claude.dialogs, "running", view))
  })
})
