/** `relay-broker init`: runs the broker in the foreground. Only its definition is loaded for the help page. */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { InitOptions } from "../../broker/InitOptions.ts"
import type { CommandWords } from "../argv.ts"
import { UsageError } from "../Failures.ts"
import { optionalList, optionalSecret, optionalText } from "../options.ts"

export const words: CommandWords = {
  flags: ["--persist"],
  valued: [
    "--instance-name",
    "--name",
    "--broker-name",
    "--workspace-key",
    "--channels",
    "--api-port",
    "--api-bind",
    "--state-dir"
  ],
  maxWords: 0
}

const parameters = {
  instanceName: optionalText(
    "instance-name",
    "name",
    "Name of this broker in the workspace and of its files (else --name, AGENT_RELAY_BROKER_NAME, this directory's name)."
  ),
  name: optionalText(
    "name",
    "name",
    "As --instance-name, and also the name of the engine's node (else the host name)."
  ),
  brokerName: optionalText("broker-name", "name", "Another spelling of --name."),
  workspaceKey: optionalSecret(
    "workspace-key",
    "rk_…",
    "Workspace to join (else AGENT_RELAY_WORKSPACE_KEY; without any a new one is created). Other users may see it here: prefer the variable."
  ),
  channels: optionalList(
    "channels",
    "a,b",
    "Channels to create and join, besides general and engineering (default: general)."
  ),
  apiPort: Options.integer("api-port").pipe(
    Options.withPseudoName("port"),
    Options.withDescription("Port of the local API, 1 to 65535. 0, the default: a free one chosen by the system."),
    Options.optional,
    Options.map(Option.getOrUndefined)
  ),
  apiBind: optionalText(
    "api-bind",
    "address",
    "Address the local API listens on (default: 127.0.0.1). Anything else lets other machines in, with the API key only."
  ),
  persist: Options.boolean("persist").pipe(
    Options.withDescription(
      "Keep state in .agentworkforce/relay here and run until stopped. Without it the broker ends by itself when its lease of 120 s is not renewed."
    )
  ),
  stateDir: optionalText("state-dir", "dir", "Keep state in this directory instead.")
}

export const command = Command.make("init", parameters, (given) =>
  Effect.gen(function* () {
    const { apiBind, apiPort, brokerName, channels, instanceName, persist, stateDir, workspaceKey } = given
    const name = given.name ?? brokerName
    if (given.name !== undefined && brokerName !== undefined) {
      return yield* new UsageError({ problem: "--name and --broker-name are the same option", command: "init" })
    }
    if (apiPort !== undefined && (apiPort < 0 || apiPort > 65_535)) {
      return yield* new UsageError({ problem: `--api-port ${apiPort}: not a port, 0 to 65535`, command: "init" })
    }
    const options: InitOptions = { instanceName, name, workspaceKey, channels, apiPort, apiBind, persist, stateDir }
    const { runDaemon } = yield* Effect.promise(() => import("../../broker/Daemon.ts"))
    yield* runDaemon(options)
  })
).pipe(Command.withDescription("Run a broker here, in the foreground, until it is stopped."))
