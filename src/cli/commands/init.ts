/** `relay-broker init`: runs the broker in the foreground. Only its description is loaded for the help page. */
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { startingHealth } from "../../api/broker/startingHealth.ts"
import { spawnCapability } from "../../broker/Config.ts"
import type { ApiAttachment } from "../../broker/Daemon.ts"
import { defineCommand, flag, integer, list, secret, several, text } from "../defineCommand.ts"
import { UsageError } from "../Failures.ts"

/** The API is loaded when the broker is up: its line does not wait for it. */
const api: ApiAttachment = {
  startingHealth,
  attach: (listener, config) =>
    Effect.flatMap(
      Effect.promise(() => import("../../api/Api.ts")),
      ({ attach }) => {
        const { allowedHosts, bind, key } = config.api
        return attach(listener, {
          apiKey: key,
          origins: { bind, allowedHosts },
          continuityDir: join(config.stateDir, "continuity")
        })
      }
    )
}

export const init = defineCommand({
  name: "init",
  summary:
    "Run a broker here, in the foreground, until it is stopped. Its one line on stdout says where its API listens; everything else goes to stderr.",
  parameters: {
    instanceName: text(
      "instance-name",
      "name",
      "Name of this broker in the workspace and of its files (else --name, else AGENT_RELAY_BROKER_NAME, else the name of this directory)."
    ),
    name: text(
      "name",
      "name",
      "As --instance-name, and the name of the engine's node too (else RELAY_NODE_NAME, else <host>-<instance>)."
    ),
    brokerName: text("broker-name", "name", "The same as --name."),
    workspaceKey: secret(
      "workspace-key",
      "rk_…",
      "Workspace to join (else AGENT_RELAY_WORKSPACE_KEY, RELAY_WORKSPACE_KEY or RELAY_API_KEY; without any a new one is created). Other users of this machine can read it here: prefer the variable."
    ),
    channels: list("channels", "a,b", "Channels to create and join besides general and engineering."),
    apiPort: integer("api-port", "port", "Port of the local API. 0, the default: a free one chosen by the system."),
    apiBind: text(
      "api-bind",
      "address",
      "Address the local API listens on (default: 127.0.0.1). Any other lets other machines in, if they have its key."
    ),
    persist: flag(
      "persist",
      "Keep state in .agentworkforce/relay here and run until stopped. Without it the broker stops by itself when nobody renewed its lease for 120 s."
    ),
    stateDir: text("state-dir", "dir", "Keep state in this directory."),
    capabilities: several(
      "capability",
      "spawn:cli",
      "A program that the engine may place here, as codex or spawn:codex; may be repeated. Sidecars bring their own.",
      (value) => (spawnCapability(value) === undefined ? `needs spawn:<cli>, not '${value}'` : undefined)
    ),
    harnessConfig: text(
      "harness-config",
      "file",
      "JSON file that describes further agent CLIs (else RELAY_HARNESS_CONFIG, else harnesses.json in the state directory)."
    ),
    respawn: flag(
      "respawn",
      "Bring back the agents that were live when the last broker of this directory ended, each with its waiting messages (or RELAY_RESPAWN=1)."
    )
  },
  positionals: {},
  examples: ["relay-broker init --persist", "relay-broker init --api-port 3889 --channels general,reviews --persist"],
  run: (given) =>
    Effect.gen(function* () {
      const { brokerName, name, ...options } = given
      const wrong = (problem: string) => new UsageError({ problem, command: "init" })
      if (name !== undefined && brokerName !== undefined) {
        return yield* wrong("--name and --broker-name are the same option")
      }
      if (options.apiPort !== undefined && (options.apiPort < 0 || options.apiPort > 65_535)) {
        return yield* wrong(`--api-port ${options.apiPort} is not a port: 0 to 65535`)
      }
      const { runDaemon } = yield* Effect.promise(() => import("../../broker/Daemon.ts"))
      yield* runDaemon({ ...options, name: name ?? brokerName }, api)
    })
})
