/** Who acts, as the relay's own tools report it: `agent-relay-cli/agent/<harness>[@<model>]` (S 3.7). Known families only. */
import type { AgentSpec } from "../domain/AgentSpec.ts"
import type { Harness } from "./Harness.ts"
import { wantedModel } from "./model.ts"

export const originActor = ({ family }: Harness, spec: AgentSpec): Readonly<Record<string, string>> => {
  if (family === "generic") return {}
  const model = wantedModel(spec)
  return { AGENT_RELAY_ORIGIN_ACTOR: `agent-relay-cli/agent/${family}${model === undefined ? "" : `@${model}`}` }
}
