/**
 * The relay's tools for a program that somebody else starts. What is written stays when this process ends: below the data
 * directory, one place per agent, and the next call for that agent takes it back first.
 */
import { homedir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { EngineUnavailable } from "../domain/Errors.ts"
import { AgentName } from "../domain/Ids.ts"
import { EngineApi } from "../engine/EngineApi.ts"
import * as HttpEngineApi from "../engine/HttpEngineApi.ts"
import * as NodeHttp from "../engine/NodeHttp.ts"
import { families } from "../harness/families.ts"
import { Generic } from "../harness/Generic.ts"
import { chooseHarness } from "../harness/Harness.ts"
import * as Launcher from "../harness/Launcher.ts"
import { dataDirectory } from "../identity/dataDirectory.ts"
import { childEnvironment } from "../workers/childEnvironment.ts"
import { commandWords } from "../workers/commandWords.ts"

type Env = Readonly<Record<string, string | undefined>>

interface SettingsPlace {
  readonly name: string
  readonly env: Env
}

export interface SettingsRequest extends SettingsPlace {
  readonly cli: string
  readonly existingArgs: ReadonlyArray<string>
  /** Absolute. */
  readonly cwd: string
  /** With an API key and a base URL. */
  readonly register: boolean
  readonly apiKey: string | undefined
  readonly baseUrl: string | undefined
  readonly agentToken: string | undefined
  readonly workspacesJson: string | undefined
  readonly defaultWorkspace: string | undefined
}

const registerLimit = "10 seconds"

const placeOf = ({ env, name }: SettingsPlace) => ({
  directory: join(
    dataDirectory({ env, platform: process.platform, home: env["HOME"] ?? homedir() }),
    "agent-relay",
    "mcp-args",
    name.replace(/[^a-zA-Z0-9_-]/g, "-").slice(0, 60)
  ),
  env: childEnvironment(env)
})

const registered = ({ apiKey = "", baseUrl = "", name }: SettingsRequest) =>
  Effect.flatMap(EngineApi, (engine) => engine.registerAgent({ key: Redacted.make(apiKey), name, type: "agent" })).pipe(
    Effect.map(({ token }) => Redacted.value(token)),
    Effect.timeoutFail({
      duration: registerLimit,
      onTimeout: () =>
        new EngineUnavailable({ operation: "register", url: baseUrl, reason: `no answer within ${registerLimit}` })
    }),
    Effect.provide(HttpEngineApi.layer({ baseUrl }).pipe(Layer.provide(NodeHttp.layer)))
  )

const present = (variables: Env): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(variables).flatMap(([name, value]) => (value ? [[name, value]] : [])))

/** Documented shape, and ours: `env`, the variables to start the program with. */
export const makeSettings = (request: SettingsRequest) =>
  Effect.gen(function* () {
    const agentToken = request.register ? yield* registered(request) : null
    const variables = present({
      RELAY_API_KEY: request.apiKey,
      RELAY_BASE_URL: request.baseUrl,
      RELAY_AGENT_NAME: request.name,
      RELAY_AGENT_TYPE: "agent",
      RELAY_STRICT_AGENT_NAME: "1",
      RELAY_AGENT_TOKEN: agentToken ?? request.agentToken,
      RELAY_WORKSPACES_JSON: request.workspacesJson,
      RELAY_DEFAULT_WORKSPACE: request.defaultWorkspace
    })
    const place = placeOf(request)
    const [command = request.cli, ...args] = Either.getOrElse(commandWords(request.cli), () => [request.cli])
    const launcher = yield* Launcher.make(place)
    // Never closed: the program comes after this process.
    const scope = yield* Scope.make()
    const tools = yield* launcher
      .tools({
        harness: chooseHarness(families, Generic, command),
        spec: { name: AgentName.make(request.name), cli: request.cli, args: [], channels: [], cwd: request.cwd },
        line: { command, args: [...args, ...request.existingArgs] },
        environment: { ...place.env, ...variables },
        resumed: false
      })
      .pipe(Scope.extend(scope))
    return { args: tools.args, sideEffectFiles: tools.files, agentToken, env: tools.env }
  })

export const undoSettings = (place: SettingsPlace) => Launcher.recover(placeOf(place))
