/** A launch context with nothing special about it, and the plan a family makes of it. */
import type { AgentSpec } from "../../src/domain/AgentSpec.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import { families } from "../../src/harness/families.ts"
import { Generic } from "../../src/harness/Generic.ts"
import { chooseHarness } from "../../src/harness/Harness.ts"
import type { LaunchContext, LaunchPlan } from "../../src/harness/Launch.ts"
import { mcpServerOf } from "../../src/harness/McpServer.ts"

export const token = "at_live_secret"
export const key = "rk_live_secret"
export const secrets = [token, key]

export const relay = {
  HOME: "/home/me",
  RELAY_API_KEY: key,
  RELAY_BASE_URL: "https://engine.test",
  RELAY_AGENT_NAME: "w1",
  RELAY_AGENT_TYPE: "agent",
  RELAY_STRICT_AGENT_NAME: "1",
  RELAY_AGENT_TOKEN: token,
  RELAY_WORKSPACES_JSON: `[{"api_key":"${key}"}]`,
  RELAY_DEFAULT_WORKSPACE: "ws_1"
}
/** What the server is given, in order. */
export const serverVariables = [
  "RELAY_API_KEY",
  "RELAY_BASE_URL",
  "RELAY_AGENT_NAME",
  "RELAY_AGENT_TYPE",
  "RELAY_STRICT_AGENT_NAME",
  "RELAY_AGENT_TOKEN",
  "RELAY_SKIP_BOOTSTRAP",
  "RELAY_WORKSPACES_JSON",
  "RELAY_DEFAULT_WORKSPACE"
]

export const freshId = "11111111-2222-4333-8444-555555555555"

export const specOf = (spec: Partial<AgentSpec> = {}): AgentSpec => ({
  name: AgentName.make("w1"),
  cli: "agent",
  args: [],
  channels: [],
  cwd: "/work",
  ...spec
})

export interface Case {
  readonly command: string
  readonly args?: ReadonlyArray<string>
  readonly spec?: Partial<AgentSpec>
  readonly context?: Partial<LaunchContext>
}

/** Without relay tools unless `context` brings them: the lines are shorter. */
export const planOf = ({ args = [], command, context, spec }: Case): LaunchPlan =>
  chooseHarness(families, Generic, command).launch.plan({
    spec: specOf(spec),
    line: { command, args },
    environment: relay,
    mcp: undefined,
    directory: "/state/launches/w1",
    freshId,
    resumed: false,
    findings: {},
    channel: undefined,
    ...context
  })

/** With relay tools. */
export const planWithTools = (given: Case): LaunchPlan =>
  planOf({ ...given, context: { mcp: mcpServerOf({ ...relay, ...given.context?.environment }), ...given.context } })

export const fileOf = (plan: LaunchPlan, base?: string): unknown => {
  const [file] = plan.files
  return file === undefined ? undefined : JSON.parse(file.content(base))
}
