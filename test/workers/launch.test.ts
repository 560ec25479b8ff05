/** What is decided before a program starts: its words and its environment. */
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { childEnvironment } from "../../src/workers/childEnvironment.ts"
import { commandWords } from "../../src/workers/commandWords.ts"
import { logPathOf } from "../../src/workers/LogFile.ts"

describe("command line", () => {
  it.each<readonly [string, ReadonlyArray<string>]>([
    ["claude", ["claude"]],
    ["  a   b\tc ", ["a", "b", "c"]],
    [`sh -c 'echo "hi there" $HOME'`, ["sh", "-c", 'echo "hi there" $HOME']],
    [`a "b \\" \\$ \\n c" d\\ e`, ["a", 'b " $ \\n c', "d e"]],
    [`a '' ""`, ["a", "", ""]],
    [`x=1'2'"3"4`, ["x=1234"]],
    ["a\\\nb", ["ab"]]
  ])("%j", (line, words) => assert.deepStrictEqual(commandWords(line), Either.right(words)))
  it.each(["a 'b", 'a "b', "a\\", "", "   "])("%j is refused", (line) =>
    assert.isTrue(Either.isLeft(commandWords(line)))
  )
})

describe("environment", () => {
  it("what belongs to the session the broker was started from is gone", () => {
    const names = [
      "RELAY_BROKER_API_KEY",
      "CLAUDECODE",
      "CLAUDE_CODE_MESSAGING_SOCKET",
      "CLAUDE_CODE_MESSAGING_TOKEN",
      "CLAUDE_CODE_SESSION_ID",
      "CLAUDE_CODE_REMOTE_SESSION_ID",
      "CLAUDE_CODE_CHILD_SESSION",
      "CLAUDE_CODE_CHILD_NOTES_DIR",
      "CLAUDE_CODE_ENTRYPOINT",
      "CLAUDE_CODE_EXECPATH",
      "CLAUDE_CODE_SSE_PORT",
      "CLAUDE_EFFORT",
      "AI_AGENT",
      "CLAUDE_PID",
      "CODEX_THREAD_ID",
      "CODEX_SESSION_ID",
      "CODEX_SANDBOX",
      "CODEX_SANDBOX_NETWORK_DISABLED",
      "GEMINI_CLI",
      "GEMINI_CLI_IDE_PID",
      "OPENCODE",
      "RELAY_NODE_TOKEN",
      "RELAY_AGENT_NAME",
      "RELAY_AGENT_TOKEN",
      "RELAY_SKIP_BOOTSTRAP",
      "AGENT_RELAY_RESULT_TOKEN",
      "AGENT_RELAY_ORIGIN_ACTOR",
      "AGENT_RELAY_APP_SERVER_AUTH_TOKEN",
      "TERM_PROGRAM",
      "KITTY_WINDOW_ID",
      "TMUX",
      "TMUX_PANE",
      "STY",
      "ZELLIJ",
      "ZELLIJ_SESSION_NAME",
      "COLUMNS",
      "LINES"
    ]
    const environment = childEnvironment(Object.fromEntries(names.map((name) => [name, "x"])))
    assert.deepStrictEqual(
      names.filter((name) => name in environment),
      []
    )
  })
  it("how the provider is reached stays, and everything else", () => {
    const inherited = {
      CLAUDE_CODE_USE_BEDROCK: "1",
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: "64000",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      CLAUDE_CODE_FORCE_SESSION_PERSISTENCE: "1",
      CLAUDE_CODE_SESSIONEND_HOOKS_TIMEOUT_MS: "9",
      CLAUDE_CODE_SOMETHING_NEW: "1",
      CLAUDE_CODE_OAUTH_TOKEN: "t",
      HOME: "/h",
      CODEX_HOME: "/c",
      STYLE: "s",
      AGENTS: "a",
      CLAUDE_CONFIG_DIR: "/d",
      CLAUDE_CODE_USE_SOMETHING_NEW: "1",
      GEMINI_CLI_HOME: "/g",
      OPENCODE_CONFIG: "/o",
      RELAY_API_KEY: "k",
      TERM: "foot"
    }
    assert.deepInclude(childEnvironment(inherited), inherited)
  })
  it.each([undefined, "", " ", "dumb"])("TERM %j becomes xterm-256color", (term) =>
    assert.strictEqual(childEnvironment({ TERM: term })["TERM"], "xterm-256color")
  )
  it.each<readonly [Readonly<Record<string, string>>, string | undefined]>([
    [{}, "C.UTF-8"],
    [{ LANG: " " }, "C.UTF-8"],
    [{ LANG: "C" }, "C"],
    [{ LC_ALL: "de_DE.UTF-8" }, undefined],
    [{ LC_CTYPE: "UTF-8" }, undefined]
  ])("locale: with %j LANG is %s", (inherited, expected) =>
    assert.strictEqual(childEnvironment(inherited)["LANG"], expected)
  )
  it("additions win, later ones over earlier ones, even with a stripped name", () =>
    assert.deepInclude(childEnvironment({ A: "1", B: "1" }, { A: "2", C: "2" }, { C: "3", CLAUDECODE: "1" }), {
      A: "2",
      B: "1",
      C: "3",
      CLAUDECODE: "1"
    }))
})

it("a log never leaves its directory", () => {
  assert.strictEqual(logPathOf("/logs", "agent one"), "/logs/agent one.log")
  for (const name of ["../evil", "a/b", "a\\b", "..", "a\0b"]) assert.isUndefined(logPathOf("/logs", name))
})
