/** `relay-broker mcp-args` */
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { defineCommand, flag, secret, text } from "../defineCommand.ts"
import { UsageError } from "../Failures.ts"
import { Surroundings } from "../Surroundings.ts"
import { printJson } from "../withBroker.ts"

const decodeArgs = Schema.decodeUnknownEither(Schema.parseJson(Schema.Array(Schema.String)))

const wrong = (problem: string) => new UsageError({ problem, command: "mcp-args" })

const filled = (value: string | undefined): string | undefined => value?.trim() || undefined

export const mcpArgs = defineCommand({
  name: "mcp-args",
  summary:
    "Give a program of yours the relay's tools: writes the settings an agent would get, and prints what to start it with.",
  parameters: {
    cli: text("cli", "command", "Program the settings are for, as claude or codex. Required."),
    agentName: text("agent-name", "name", "Name of the agent. Required."),
    apiKey: secret("api-key", "rk_…", "Workspace key (else RELAY_API_KEY)."),
    baseUrl: text("base-url", "url", "Address of the engine (else RELAY_BASE_URL)."),
    agentToken: secret("agent-token", "at_…", "The agent's token (else RELAY_AGENT_TOKEN)."),
    register: flag("register", "Register the agent at the engine, and print its token. Not with --agent-token."),
    workspacesJson: text("workspaces-json", "json", "Memberships (else RELAY_WORKSPACES_JSON)."),
    defaultWorkspace: text("default-workspace", "id", "Default workspace (else RELAY_DEFAULT_WORKSPACE)."),
    cwd: text("cwd", "dir", "Directory the program will run in (default: this one)."),
    existingArgs: text(
      "existing-args",
      "json",
      "Arguments it gets anyway, a JSON array of strings; what they say already is not added."
    ),
    undo: flag("undo", "Take back what this command wrote for the agent, and print nothing.")
  },
  positionals: {},
  examples: [
    "relay-broker mcp-args --cli claude --agent-name me --register",
    "relay-broker mcp-args --cli claude --agent-name me --undo"
  ],
  run: (given) =>
    Effect.gen(function* () {
      const around = yield* Surroundings
      const { agentToken, apiKey, register } = given
      const name = filled(given.agentName)
      const cli = filled(given.cli)
      if (cli === undefined) return yield* wrong("--cli is missing")
      if (name === undefined) return yield* wrong("--agent-name is missing")
      if (register && agentToken !== undefined) return yield* wrong("--register and --agent-token exclude each other")
      const existing = decodeArgs(filled(given.existingArgs) ?? "[]")
      if (Either.isLeft(existing)) return yield* wrong("--existing-args needs a JSON array of strings")
      const { env } = around
      const secretOf = (value: Redacted.Redacted<string> | undefined, variable: string) =>
        filled(value === undefined ? env[variable] : Redacted.value(value))
      const key = secretOf(apiKey, "RELAY_API_KEY")
      const baseUrl = filled(given.baseUrl ?? env["RELAY_BASE_URL"])
      if (register && key === undefined) return yield* wrong("--register needs --api-key or RELAY_API_KEY")
      if (register && baseUrl === undefined) return yield* wrong("--register needs --base-url or RELAY_BASE_URL")
      const { makeSettings, undoSettings } = yield* Effect.promise(() => import("../mcpSettings.ts"))
      const place = { name, env }
      if (given.undo) return yield* undoSettings(place)
      const settings = yield* makeSettings({
        ...place,
        cli,
        existingArgs: existing.right,
        cwd: resolve(around.cwd, given.cwd ?? "."),
        register,
        apiKey: key,
        baseUrl,
        agentToken: register ? undefined : secretOf(agentToken, "RELAY_AGENT_TOKEN"),
        workspacesJson: filled(given.workspacesJson ?? env["RELAY_WORKSPACES_JSON"]),
        defaultWorkspace: filled(given.defaultWorkspace ?? env["RELAY_DEFAULT_WORKSPACE"])
      })
      yield* printJson(settings)
    })
})
