/** The variables an agent's program gets on top of the inherited ones. */
import * as Redacted from "effect/Redacted"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import type { AgentToken, WorkspaceKey } from "../engine/EngineApi.ts"
import type { AttachedWorkspace } from "../identity/BrokerIdentity.ts"
import type { ResultToken } from "./ResultTokens.ts"

export interface WorkerEnvironment {
  readonly workspaceId: string
  readonly workspaceKey: WorkspaceKey
  /** All workspaces, the default among them. */
  readonly attached: ReadonlyArray<AttachedWorkspace>
  /** Undefined when no engine address was configured: programs then use their own default. */
  readonly relayBaseUrl: string | undefined
  /** Where an agent posts structured results; a wildcard bind is mapped to loopback. */
  readonly resultUrl: string
}

/** Where programs of this machine reach the API: `0.0.0.0` and `::` are addresses to listen on, not to call. */
export const callable = (apiUrl: string): string =>
  apiUrl.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")

export const workerEnvironment = (
  environment: WorkerEnvironment,
  spec: AgentSpec,
  token: AgentToken | undefined,
  resultToken: ResultToken | undefined
): Readonly<Record<string, string>> => {
  const key = Redacted.value(environment.workspaceKey)
  const memberships = environment.attached.map(({ alias, workspaceId, workspaceKey }) => ({
    workspace_id: workspaceId,
    workspace_alias: alias ?? null,
    api_key: Redacted.value(workspaceKey)
  }))
  return {
    AGENT_RELAY_WORKSPACE_KEY: key,
    RELAY_WORKSPACE_KEY: key,
    RELAY_API_KEY: key,
    RELAY_WORKSPACES_JSON: JSON.stringify(memberships),
    AGENT_RELAY_RESULT_URL: environment.resultUrl,
    RELAY_DEFAULT_WORKSPACE: environment.workspaceId,
    RELAY_WORKSPACE_ID: environment.workspaceId,
    ...(environment.relayBaseUrl === undefined ? {} : { RELAY_BASE_URL: environment.relayBaseUrl }),
    ...(resultToken === undefined
      ? {}
      : {
          AGENT_RELAY_RESULT_TOKEN: Redacted.value(resultToken),
          AGENT_RELAY_RESULT_SCHEMA: JSON.stringify(spec.resultSchema)
        }),
    ...(spec.env ?? {}),
    ...(spec.skipRelayPrompt === true
      ? {}
      : {
          RELAY_AGENT_NAME: spec.name,
          RELAY_AGENT_TYPE: "agent",
          RELAY_STRICT_AGENT_NAME: "1",
          ...(token === undefined ? {} : { RELAY_AGENT_TOKEN: Redacted.value(token) })
        })
  }
}
