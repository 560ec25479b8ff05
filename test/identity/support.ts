/** What the tests of identity and tokens share: real temporary directories, captured logs, a stand-in for the engine. */

import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import { AgentId, AgentName, WorkspaceId } from "../../src/domain/Ids.ts"
import { EngineApi } from "../../src/engine/EngineApi.ts"
import { BrokerIdentity } from "../../src/identity/BrokerIdentity.ts"

export const platform = NodeContext.layer

/** Removed with the scope. */
export const temporaryDirectory = Effect.flatMap(FileSystem.FileSystem, (fs) =>
  fs.makeTempDirectoryScoped({ prefix: "rb-test-" })
)

/** Calls that are not given die. */
export const engineOf = (calls: Partial<EngineApi["Type"]>): Layer.Layer<EngineApi> =>
  Layer.mock(EngineApi, { baseUrl: "http://engine", ...calls })

export const key = Redacted.make("rk_live_secret0001")

export const identityIn = (workspaceId: string): Layer.Layer<BrokerIdentity> =>
  BrokerIdentity.layerOf({
    workspaceId: WorkspaceId.make(workspaceId),
    workspaceKey: key,
    createdWorkspace: false,
    agent: { id: AgentId.make("1"), name: AgentName.make("me"), token: Redacted.make("at_live_secret0002") },
    requestedName: "me"
  })

/** Lines of level warning and above, in order; all of `lines` counts for "no secret is logged". */
export const capturedLogs = () => {
  const lines: Array<string> = []
  const warnings: Array<string> = []
  const layer = Layer.merge(
    Logger.replace(
      Logger.defaultLogger,
      Logger.make(({ logLevel, message }) => {
        const line = String(Array.isArray(message) ? message.join(" ") : message)
        lines.push(line)
        if (LogLevel.greaterThanEqual(logLevel, LogLevel.Warning)) warnings.push(line)
      })
    ),
    Logger.minimumLogLevel(LogLevel.Trace)
  )
  return { lines, warnings, layer }
}
