/** As tables: how each family gets the server `agent-relay`, when it does not, and where no secret may be. */
import { assert, describe, it } from "vitest"
import { AgentName } from "../../src/domain/Ids.ts"
import type { LaunchPlan } from "../../src/harness/Launch.ts"
import { mcpServerOf } from "../../src/harness/McpServer.ts"
import { fileOf, freshId, planOf, planWithTools, relay, secrets, serverVariables, token } from "./rig.ts"

const references = (reference: (name: string) => string) =>
  Object.fromEntries(serverVariables.map((name) => [name, reference(name)]))
const npx = { command: "npx", args: ["-y", "agent-relay", "mcp"] }
const values = {
  ...Object.fromEntries(serverVariables.map((name) => [name, (relay as Record<string, string>)[name]])),
  RELAY_SKIP_BOOTSTRAP: "1"
}

const nothing = (plan: LaunchPlan) => {
  assert.deepStrictEqual(plan.files, [])
  assert.deepStrictEqual(plan.entries, [])
  assert.deepStrictEqual(plan.commands, [])
}

describe("the server", () => {
  it("npx by default, or the words of AGENT_RELAY_MCP_COMMAND", () => {
    assert.deepInclude(mcpServerOf(relay), npx)
    assert.deepInclude(mcpServerOf({ AGENT_RELAY_MCP_COMMAND: " /opt/relay  mcp --fast " }), {
      command: "/opt/relay",
      args: ["mcp", "--fast"]
    })
    assert.deepInclude(mcpServerOf({ AGENT_RELAY_MCP_COMMAND: "  " }), npx)
  })
  it("gets what there is, and may skip its bootstrap only with a token", () => {
    assert.deepStrictEqual(mcpServerOf(relay).env, values)
    assert.deepStrictEqual(mcpServerOf({ RELAY_API_KEY: "rk", RELAY_BASE_URL: " ", RELAY_AGENT_TOKEN: "" }).env, {
      RELAY_API_KEY: "rk"
    })
  })
  it("results are told to families whose settings are the agent's own", () => {
    const results = { AGENT_RELAY_RESULT_URL: "http://b/api/agent-result", AGENT_RELAY_RESULT_TOKEN: "rt" }
    assert.deepStrictEqual(mcpServerOf(results).resultEnv, results)
    assert.deepStrictEqual(mcpServerOf({ AGENT_RELAY_RESULT_URL: "http://b" }).resultEnv, {})
  })
})

describe("claude", () => {
  it("a private file with the values, before the given arguments", () => {
    const plan = planWithTools({ command: "claude", args: ["-v"] })
    const path = "/state/launches/w1/mcp.json"
    assert.deepStrictEqual(plan.args, [
      "--dangerously-skip-permissions",
      `--mcp-config=${path}`,
      "-v",
      "--session-id",
      freshId
    ])
    assert.strictEqual(plan.files[0]?.path, path)
    assert.deepStrictEqual(fileOf(plan), {
      mcpServers: { "agent-relay": { ...npx, env: values, alwaysLoad: true } }
    })
  })
  it.each([["--mcp-config", "mine.json"], ["--mcp-config=mine.json"]])("adds ours to the user's %s", (...args) => {
    const plan = planWithTools({ command: "claude", args })
    const ours = "--mcp-config=/state/launches/w1/mcp.json"
    assert.deepStrictEqual(plan.args, ["--dangerously-skip-permissions", ours, ...args, "--session-id", freshId])
    assert.lengthOf(plan.files, 1)
  })
})

describe("codex", () => {
  const settings = (plan: LaunchPlan) =>
    plan.args.filter((argument, index) => plan.args[index - 1] === "--config" && !argument.startsWith("features."))
  const server = [
    'mcp_servers.agent-relay.command="npx"',
    'mcp_servers.agent-relay.args=["-y","agent-relay","mcp"]',
    `mcp_servers.agent-relay.env_vars=${JSON.stringify(serverVariables)}`
  ]
  it("names of variables on the command line, values in the environment", () => {
    const plan = planWithTools({ command: "codex" })
    assert.deepStrictEqual(settings(plan), ["check_for_update_on_startup=false", ...server])
    assert.strictEqual(plan.env["RELAY_AGENT_TOKEN"], token)
    nothing(plan)
  })
  it.each<readonly [string, ReadonlyArray<string>]>([
    ["check_for_update_on_startup=true", server],
    ["mcp_servers.agent-relay.command=mine", ["check_for_update_on_startup=false"]],
    ["mcp_servers.relaycast.command=mine", ["check_for_update_on_startup=false"]]
  ])("keeps the user's %s", (given, expected) =>
    assert.deepStrictEqual(settings(planWithTools({ command: "codex", args: ["--config", given] })), [
      ...expected,
      given
    ])
  )
  it("quotes as TOML does", () => {
    const environment = { ...relay, AGENT_RELAY_MCP_COMMAND: 'C:\\relay\\mcp.exe "x"' }
    assert.include(
      settings(planWithTools({ command: "codex", context: { environment } })),
      'mcp_servers.agent-relay.command="C:\\\\relay\\\\mcp.exe"'
    )
  })
})

describe("gemini", () => {
  const extension = "/home/me/.gemini/extensions/agent-relay/gemini-extension.json"
  it("an extension of the user, with names for values, the same for all agents", () => {
    const plan = planWithTools({ command: "gemini" })
    assert.strictEqual(plan.env["GEMINI_CLI_TRUST_WORKSPACE"], "true")
    assert.strictEqual(plan.env["RELAY_AGENT_TOKEN"], token)
    assert.deepStrictEqual(plan.files, [])
    assert.deepStrictEqual(plan.entries, [
      { path: extension, keys: ["name"], value: "agent-relay" },
      { path: extension, keys: ["version"], value: "1.0.0" },
      {
        path: extension,
        keys: ["mcpServers", "agent-relay"],
        value: { ...npx, env: references((name) => `\${${name}}`) }
      }
    ])
    assert.deepStrictEqual(
      planWithTools({ command: "gemini", spec: { name: AgentName.make("w2") } }).entries,
      plan.entries
    )
  })
  it("where the user keeps Gemini's directory, and beside the extensions that the user chose", () => {
    const environment = { ...relay, GEMINI_CLI_HOME: "/elsewhere" }
    const plan = planWithTools({ command: "gemini", args: ["-e", "mine"], context: { environment } })
    assert.strictEqual(plan.entries[0]?.path, extension.replace("/home/me", "/elsewhere"))
    assert.deepStrictEqual(plan.args, ["--yolo", "-e", "agent-relay", "-e", "mine"])
  })
})

describe("qwen", () => {
  it("a file of this agent, which its directory keeps from others", () => {
    const plan = planWithTools({ command: "qwen" })
    assert.deepStrictEqual(plan.args.slice(0, 3), ["--yolo", "--mcp-config", "/state/launches/w1/mcp.json"])
    assert.deepNestedInclude(fileOf(plan), { "mcpServers.agent-relay.command": "npx" })
    assert.deepStrictEqual(plan.entries, [])
  })
  it("keeps a file that the user names", () => {
    const plan = planWithTools({ command: "qwen", args: ["--mcp-config", "/mine.json"] })
    nothing(plan)
  })
})

describe("opencode", () => {
  const server = { type: "local", command: ["npx", "-y", "agent-relay", "mcp"], enabled: true }
  it("a settings file of this agent; its server inherits the variables, none is named in the file", () => {
    const plan = planWithTools({ command: "opencode", args: ["-x"] })
    assert.deepStrictEqual(plan.args, ["-x"])
    assert.strictEqual(plan.env["OPENCODE_CONFIG"], "/state/launches/w1/opencode.json")
    assert.strictEqual(plan.env["RELAY_AGENT_TOKEN"], token)
    assert.deepStrictEqual(fileOf(plan), {
      $schema: "https://opencode.ai/config.json",
      mcp: { "agent-relay": server },
      permission: { "*": { "*": "allow" } }
    })
  })
  it("no file or variable of ours has a reference that opencode would replace by raw text", () => {
    const environment = { ...relay, OPENCODE_CONFIG: "/mine.json" }
    const inline = planWithTools({ command: "opencode", context: { environment } })
    const file = planWithTools({ command: "opencode" })
    for (const text of [file.files[0]?.content(undefined) ?? "", inline.env["OPENCODE_CONFIG_CONTENT"] ?? ""]) {
      assert.notMatch(text, /\{(?:env|file):/)
      for (const secret of secrets) assert.notInclude(text, secret)
    }
  })
  it("inline when the user has a settings file of their own, beside what is inline already", () => {
    const inline = { theme: "dark", permission: { "*": "ask" }, mcp: { mine: { type: "local" } } }
    const environment = { ...relay, OPENCODE_CONFIG: "/mine.json", OPENCODE_CONFIG_CONTENT: JSON.stringify(inline) }
    const plan = planWithTools({ command: "opencode", context: { environment } })
    nothing(plan)
    assert.isUndefined(plan.env["OPENCODE_CONFIG"])
    assert.deepNestedInclude(JSON.parse(plan.env["OPENCODE_CONFIG_CONTENT"] ?? ""), {
      theme: "dark",
      permission: { "*": "ask" },
      "mcp.mine": { type: "local" },
      "mcp.agent-relay": server
    })
  })
  it("settings of the user that cannot be read are left alone", () => {
    const environment = { ...relay, OPENCODE_CONFIG: "/mine.json", OPENCODE_CONFIG_CONTENT: "{ // comment\n}" }
    const plan = planWithTools({ command: "opencode", context: { environment } })
    assert.deepStrictEqual(plan.env, {})
    assert.deepStrictEqual(plan.args, [])
  })
})

describe("families with one place for all agents", () => {
  it.each([
    ["cursor-agent", "/work/.cursor/mcp.json", { ...npx, env: references((name) => `\${env:${name}}`) }],
    ["agy", "/work/.agents/mcp_config.json", npx],
    ["droid", "/home/me/.factory/mcp.json", { type: "stdio", ...npx, env: references((name) => `\${${name}}`) }]
  ])("%s: an entry in %s", (command, path, value) => {
    const plan = planWithTools({ command })
    assert.deepStrictEqual(plan.entries, [{ path, keys: ["mcpServers", "agent-relay"], value }])
    assert.strictEqual(plan.env["RELAY_AGENT_TOKEN"], token)
  })
  it("grok: its own command, the name before the options, flags of the server in its text", () => {
    const [command] = planWithTools({ command: "/opt/grok" }).commands
    assert.deepStrictEqual(command?.run.args, [
      ...["mcp", "add", "agent-relay"],
      ...serverVariables.flatMap((name) => ["--env", `${name}=\${${name}}`]),
      ...["--command", "npx -y", "--args", "agent-relay", "--args", "mcp"]
    ])
    assert.deepStrictEqual(
      command?.clear.map(({ args }) => args),
      [
        ["mcp", "remove", "agent-relay"],
        ["mcp", "remove", "relaycast"]
      ]
    )
    assert.strictEqual(command?.undo.command, "/opt/grok")
  })
})

it("goose: an extension of the session, after its command", () =>
  assert.deepStrictEqual(planWithTools({ command: "goose", args: ["session", "-n", "x"] }).args, [
    ...["session", "--with-extension", "npx -y agent-relay mcp"],
    ...["-n", "x"]
  ]))
it("goose: not for its other commands", () =>
  assert.deepStrictEqual(planWithTools({ command: "goose", args: ["configure"] }).args, ["configure"]))
it.each(["aider", "cat"])("%s: nothing", (command) => {
  const plan = planWithTools({ command })
  nothing(plan)
  assert.deepStrictEqual(plan.args, [])
})

const everyone = [
  "claude",
  "codex",
  "gemini",
  "qwen",
  "agy",
  "opencode",
  "cursor",
  "droid",
  "grok",
  "aider",
  "goose",
  "cat"
]
describe("every family", () => {
  it.each(everyone)("%s: no secret on a command line or in what agents share", (command) => {
    const { args, commands, entries } = planWithTools({ command })
    const visible = JSON.stringify({ args, commands, entries })
    for (const secret of secrets) assert.notInclude(visible, secret)
  })
  it.each(everyone)("%s: without the relay nothing of it is added", (command) => {
    const plan = planOf({ command })
    nothing(plan)
    assert.notInclude(JSON.stringify(plan), "RELAY_")
    assert.notInclude(JSON.stringify(plan.args), "agent-relay")
  })
})
