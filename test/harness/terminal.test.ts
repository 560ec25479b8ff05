/** What the rules of each family read from a screen: readiness, composer, turn, dialogs. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { essence, holds } from "../../src/harness/Composer.ts"
import { claude } from "../../src/harness/claude/screen.ts"
import { codex } from "../../src/harness/codex/terminal.ts"
import { dialogShown } from "../../src/harness/Dialog.ts"
import { gemini } from "../../src/harness/gemini/screen.ts"
import { opencode } from "../../src/harness/opencode/screen.ts"
import { qwen } from "../../src/harness/qwen/screen.ts"
import type { TerminalRules } from "../../src/harness/TerminalRules.ts"
import { cursorAgent } from "../../src/harness/terminal/cursorAgent.ts"
import { droid } from "../../src/harness/terminal/droid.ts"
import { aider, goose } from "../../src/harness/terminal/lineEditors.ts"
import type { ScreenView } from "../../src/pty/ScreenView.ts"
import { screen, screenOf } from "./screens.ts"

const families: Readonly<Record<string, TerminalRules>> = {
  claude,
  codex,
  gemini,
  agy: gemini,
  qwen,
  droid,
  opencode,
  "cursor-agent": cursorAgent
}

const read = (rules: TerminalRules, view: ScreenView) => ({
  ready: rules.readiness.isReady?.(view) ?? false,
  composer: rules.composer === undefined ? "none" : holds(rules.composer, rules.composer.read(view), ""),
  busy: rules.isBusy?.(view) ?? false,
  dialog: dialogShown(rules.dialogs, "starting", view)?.name
})

const idle = { ready: true, composer: "empty", busy: false, dialog: undefined }
const draft = { ready: true, composer: "other", busy: false, dialog: undefined }
const dialog = (name: string) => ({ composer: "hidden", busy: false, dialog: name })

describe("screens", () => {
  it.each<readonly [string, Partial<ReturnType<typeof read>>]>([
    ["claude/idle", idle],
    ["claude/suggestion", idle],
    ["claude/framed-suggestion", idle],
    ["claude/draft", draft],
    ["claude/chip", draft],
    ["claude/working", { ...idle, busy: true }],
    ["claude/quoting-busy", idle],
    ["claude/said-ellipsis", idle],
    ["claude/working-footer", { ...idle, busy: true }],
    ["claude/working-long-draft", { ...draft, busy: true }],
    ["claude/trust", { ready: false, ...dialog("trust") }],
    ["claude/bypass", { ready: false, ...dialog("bypass_permissions") }],
    ["claude/mcp", { ready: false, ...dialog("mcp_server") }],
    ["claude/permission", { ready: false, ...dialog("permission") }],
    ["claude/quoted-dialog-in-composer", draft],
    ["claude/quoted-dialog-in-transcript", idle],
    ["codex/idle", idle],
    ["codex/booting", { ready: false, composer: "empty", busy: true, dialog: undefined }],
    ["codex/draft", draft],
    ["codex/working", { ready: false, composer: "empty", busy: true, dialog: undefined }],
    ["codex/trust", { dialog: "trust" }],
    ["codex/new-model", { dialog: "new_model" }],
    ["codex/quoted-dialog-in-composer", draft],
    ["agy/auth", { ready: false, composer: "empty" }],
    ["agy/idle", idle],
    ["agy/draft", draft],
    ["agy/working", { ...idle, busy: true }],
    ["agy/action", { ready: false, ...dialog("allow_tool") }],
    ["agy/trust", { ready: false, ...dialog("trust") }],
    ["cursor-agent/idle", idle],
    ["cursor-agent/mcp-approval", { ready: false, ...dialog("mcp_approval") }],
    ["droid/execute", { dialog: "execute" }],
    ["droid/draft", draft],
    // Recorded: gemini 0.61.0, qwen 0.15.10 (and 0.24.4), opencode 1.18.33.
    ["gemini/idle", idle],
    ["gemini/idle-256-colours-220-columns", idle],
    ["gemini/working", { ...idle, busy: true }],
    ["gemini/queued", { ...idle, busy: true }],
    ["gemini/popup-at", draft],
    ["gemini/draft-yolo-256-colours", draft],
    ["gemini/chip", draft],
    ["gemini/approval", { ready: false, ...dialog("allow_tool") }],
    ["gemini/api-key", { ready: false, ...dialog("authentication") }],
    ["codex/0.171.0/idle", idle],
    ["codex/0.171.0/session-idle", idle],
    ["codex/0.171.0/draft", draft],
    ["codex/0.171.0/mentions", draft],
    ["codex/0.171.0/slash-menu", draft],
    ["codex/0.171.0/paste", draft],
    ["codex/0.171.0/working", { ready: false, composer: "empty", busy: true, dialog: undefined }],
    ["codex/0.171.0/working-streams", { ready: false, composer: "empty", busy: true, dialog: undefined }],
    ["codex/0.171.0/reconnecting", { ready: false, composer: "empty", busy: true, dialog: undefined }],
    ["codex/0.171.0/login", { ready: false, ...dialog("login") }],
    ["codex/0.171.0/trust", { ready: false, ...dialog("trust") }],
    ["codex/0.171.0/new-model", { ready: false, ...dialog("new_model") }],
    ["codex/0.171.0/hooks", { ready: false, ...dialog("hooks") }],
    ["codex/0.171.0/approval", { ready: false, ...dialog("approval") }],
    ["codex/0.171.0/model-menu", { ready: false, ...dialog("menu") }],
    ["codex/0.171.0/resume-picker", { ready: false, ...dialog("menu") }],
    ["codex/0.171.0/agents", { ready: false, ...dialog("menu") }],
    ["codex/0.171.0/history-search", { ready: false, ...dialog("search") }],
    ["codex/0.171.0/shell-mode", { ready: false, ...dialog("shell_mode") }],
    ["gemini/auth", { ready: false, ...dialog("authentication") }],
    ["gemini/shell-mode", { ready: false, ...dialog("shell_mode") }],
    ["gemini/resuming", { ready: false, composer: "hidden", dialog: undefined }],
    ["qwen/idle", idle],
    ["qwen/working", { ...idle, busy: true }],
    ["qwen/0.24.4-working-queued", { ...idle, busy: true }],
    ["qwen/returned-by-esc", draft],
    ["qwen/initializing", { ready: false, composer: "empty" }],
    ["qwen/approval", { ready: false, ...dialog("allow_tool") }],
    ["opencode/home", idle],
    ["opencode/session-idle", idle],
    ["opencode/working", { ...idle, busy: true }],
    ["opencode/esc-once", { ...idle, busy: true }],
    ["opencode/draft-beside-a-side-bar", draft],
    ["opencode/permission", { ready: false, ...dialog("permission") }]
  ])("%s", (name, expected) => {
    const rules = families[name.slice(0, name.indexOf("/"))]!
    assert.deepInclude(read(rules, screen(name)), expected)
  })

  it("no family is ready, busy or asked anything on an empty screen", () => {
    for (const [name, rules] of Object.entries(families)) {
      const seen = read(rules, screenOf([]))
      assert.deepStrictEqual(seen, { ready: false, composer: "hidden", busy: false, dialog: undefined }, name)
    }
  })

  it("a dialog of one family triggers no key of another", () => {
    for (const name of ["claude/bypass", "agy/trust", "cursor-agent/mcp-approval"]) {
      for (const [family, { dialogs }] of Object.entries(families)) {
        if (name.startsWith(family)) continue
        const answered = dialogs.filter(({ answer }) => answer !== undefined)
        const rule = dialogShown(answered, "running", screen(name))
        assert.isUndefined(rule, `${name} read by ${family}`)
      }
    }
  })

  it("after the first readiness no dialog of the start is answered any more", () => {
    assert.strictEqual(dialogShown(claude.dialogs, "running", screen("claude/trust"))?.answer, undefined)
    assert.isUndefined(dialogShown(claude.dialogs, "running", screen("claude/bypass"))?.answer)
    assert.isUndefined(dialogShown(codex.dialogs, "running", screen("codex/trust"))?.answer)
  })

  it("prompts of line editors: what the cursor stands behind, and nothing that was printed", () => {
    const reads = (rules: TerminalRules, line: string) => {
      const view = { ...screenOf([line.trimEnd()]), cursor: { row: 0, col: line.length, visible: true } }
      return rules.composer?.read(view)._tag === "Shown"
    }
    for (const line of ["> ", "architect> "]) assert.isTrue(reads(aider, line), line)
    for (const line of ["loading", "a > b", "=> "]) assert.isFalse(reads(aider, line), line)
    assert.isTrue(reads(goose, "( O)> "))
  })
})

const rule = "─".repeat(80)
const claudeBox = (...rows: ReadonlyArray<string>) =>
  screenOf([rule, `❯ ${rows[0] ?? ""}`, ...rows.slice(1).map((row) => `  ${row}`), rule])
const heldBy = (view: ScreenView, typed: string) => holds(claude.composer!, claude.composer!.read(view), essence(typed))

describe("what a composer holds", () => {
  it("our text, however it is wrapped, spaced or drawn", () => {
    assert.strictEqual(heldBy(claudeBox("hello wor", "ld 👩‍👩‍👧 é"), "hello world 👩‍👩‍👧 e\u0301"), "ours")
    assert.strictEqual(heldBy(claudeBox("hello wor", "ld, and more"), "hello world"), "more")
    assert.strictEqual(heldBy(claudeBox("hello wor"), "hello world"), "other")
    assert.strictEqual(heldBy(claudeBox(""), "hello world"), "empty")
  })
  it("a chip stands for it, alone or with the rest of it", () => {
    assert.strictEqual(heldBy(claudeBox("[Pasted text #1 +40 lines]"), "x\n".repeat(40)), "ours")
    assert.strictEqual(heldBy(claudeBox("[Pasted text #1 +40 lines]end."), `${"x\n".repeat(40)}end.`), "ours")
    assert.strictEqual(
      heldBy(claudeBox("see [Pasted text #1 +2 lines] there"), "see [Pasted text #1 +2 lines] there"),
      "ours"
    )
    assert.strictEqual(heldBy(claudeBox("[Pasted text #1 +40 lines] mine"), "x\n".repeat(40)), "other")
  })
  it("its end, once it may have scrolled", () => {
    const lines = Array.from({ length: 40 }, (_, i) => `line ${i}`)
    assert.strictEqual(heldBy(claudeBox(...lines.slice(-8)), lines.join("\n")), "ours")
    assert.strictEqual(heldBy(claudeBox(...lines.slice(-2)), lines.join("\n")), "other")
    assert.strictEqual(heldBy(claudeBox(...lines.slice(0, 8)), lines.join("\n")), "other")
  })
  it("whatever a message says, it is a composer's content and no dialog", () => {
    const line = FastCheck.oneof(
      FastCheck.string({ maxLength: 60 }).map((text) => text.replace(/[\x00-\x1f\x7f-\x9f«»⟪⟫]/g, "")),
      FastCheck.constantFrom(
        ...[
          "❯ 1. Yes, proceed",
          "2. No, exit",
          rule,
          "│ ❯ 1. Yes",
          "Do you trust this folder?",
          "✻ Thinking… (esc to interrupt)"
        ]
      )
    )
    FastCheck.assert(
      FastCheck.property(FastCheck.array(line, { minLength: 1, maxLength: 20 }), (lines) => {
        const view = claudeBox(`Relay message from M [msg_1]: ${lines[0]}`, ...lines.slice(1))
        assert.isUndefined(dialogShown(claude.dialogs, "running", view))
        assert.isFalse(claude.isBusy!(view))
        const text = [`Relay message from M [msg_1]: ${lines[0]}`, ...lines.slice(1)].join("\n")
        assert.strictEqual(heldBy(view, text), "ours")
      })
    )
  })
})
