/** `POST /api/spawn`: reads the order, hands it to `Actions`, and says what came of it. */

import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Actions, type SpawnError, type Spawned, type SpawnRequest } from "../../agents/Actions.ts"
import { Continuity, withContext } from "../../agents/Continuity.ts"
import { Broker } from "../../broker/Broker.ts"
import type { AgentSpec } from "../../domain/AgentSpec.ts"
import { type AppServer, type AppServerAuth, ReleasePolicy } from "../../domain/AppServer.ts"
import { AgentName, type InvocationId } from "../../domain/Ids.ts"
import { defaultRestartPolicy, type RestartPolicy as Policy } from "../../domain/RestartPolicy.ts"
import { families } from "../../harness/families.ts"
import { Generic } from "../../harness/Generic.ts"
import { chooseHarness } from "../../harness/Harness.ts"
import { headlessRulesOf, notHeadless } from "../../harness/Headless.ts"
import { commandWords } from "../../workers/commandWords.ts"
import { PtyHarness, RestartPolicy, SpawnBody } from "../Bodies.ts"
import { legacy, type Reply } from "../http/Reply.ts"
import { describeIssues, readJson } from "../http/requestBody.ts"
import type { SpawnResult } from "../Shapes.ts"

// `harnessConfig` of a spawn and the transport asked for, to what the agent runs in: a terminal, a headless program,
// or a session in an app server. Plain functions; refusals are worded as in 9.1.6.

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true, exact: true })

const AppServerHarness = Schema.Struct({
  runtime: Schema.Literal("headless", "app_server"),
  driver: optional(Schema.Literal("app_server")),
  protocol: optional(Schema.String),
  endpoint: optional(Schema.String),
  sessionId: optional(Schema.String),
  auth: optional(
    Schema.Struct({
      type: optional(Schema.Literal("bearer", "basic", "none")),
      token: optional(Schema.String),
      username: optional(Schema.String),
      password: optional(Schema.String)
    })
  ),
  host: optional(
    Schema.Struct({
      ownership: optional(Schema.Literal("broker-owned", "attached")),
      pid: optional(Schema.NonNegativeInt)
    })
  ),
  release: optional(ReleasePolicy)
})
type AppServerHarness = typeof AppServerHarness.Type

interface Placement {
  readonly runtime: "pty" | "headless"
  readonly pty: typeof PtyHarness.Type | undefined
  readonly appServer: AppServer | undefined
}

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname)

const trimmed = (text: string | undefined): string | undefined => {
  const trimmed = text?.trim()
  return trimmed === undefined || trimmed === "" ? undefined : trimmed
}

const readAuth = ({ auth }: AppServerHarness): Either.Either<AppServerAuth | undefined, string> => {
  if (auth?.type === "bearer") {
    const { token, type } = auth
    return token ? Either.right({ type, token }) : Either.left("app_server bearer auth requires token")
  }
  if (auth?.type === "basic") {
    const { password, type, username } = auth
    if (!username) return Either.left("app_server basic auth requires username")
    if (!password) return Either.left("app_server basic auth requires password")
    return Either.right({ type, username, password })
  }
  return Either.right(undefined)
}

/** In the order in which 9.1.6 looks. */
const readAppServer = (config: AppServerHarness): Either.Either<AppServer, string> =>
  Either.gen(function* () {
    const refuse = (reason: string) => Either.left(reason)
    const protocol = trimmed(config.protocol) ?? ""
    if (protocol !== "opencode") {
      return yield* refuse(`unsupported app_server protocol '${protocol}' (supported: opencode)`)
    }
    const endpoint = trimmed(config.endpoint)
    if (endpoint === undefined) return yield* refuse("app_server endpoint is required")
    if (!URL.canParse(endpoint)) return yield* refuse(`invalid app_server endpoint '${endpoint}'`)
    const url = new URL(endpoint)
    const scheme = url.protocol.replace(":", "")
    if (scheme !== "http" && scheme !== "https") {
      return yield* refuse(`invalid app_server endpoint scheme '${scheme}' (expected http or https)`)
    }
    if (url.username !== "" || url.password !== "") {
      return yield* refuse("invalid app_server endpoint: credentials belong in auth")
    }
    const sessionId = trimmed(config.sessionId)
    if (sessionId === undefined) return yield* refuse("app_server sessionId is required")
    if (config.host?.ownership === "broker-owned") {
      return yield* refuse("broker-owned app_server hosts are not supported yet")
    }
    const auth = yield* readAuth(config)
    if (auth !== undefined && scheme === "http" && !isLoopback(url.hostname)) {
      return yield* refuse(`app_server auth requires https unless the endpoint is loopback: ${endpoint}`)
    }
    const pid = config.host?.pid
    return {
      protocol,
      endpoint: endpoint.replace(/\/+$/, ""),
      sessionId,
      release: config.release ?? "detach",
      ...(auth === undefined ? {} : { auth }),
      ...(pid === undefined ? {} : { hostPid: pid })
    }
  })

const decodeRuntime = Schema.decodeUnknownEither(Schema.Struct({ runtime: Schema.String }))
const decodePty = Schema.decodeUnknownEither(PtyHarness, { errors: "all" })
const decodeAppServer = Schema.decodeUnknownEither(AppServerHarness, { errors: "all" })
const all = Schema.Literal("pty", "headless")

const readTransport = (
  transport: string | undefined,
  name: string
): Either.Either<Placement["runtime"] | undefined, Reply> => {
  if (transport === undefined) return Either.right(undefined)
  return Schema.decodeUnknownEither(all)(transport.toLowerCase()).pipe(
    Either.mapLeft(() => legacy(500, `unsupported transport '${transport}' (expected 'pty' or 'headless')`, { name }))
  )
}

/** Without a transport the harness decides; one that says otherwise is a mistake. */
const readPlacement = (config: unknown, transport: string | undefined, name: string): Either.Either<Placement, Reply> =>
  Either.gen(function* () {
    const invalid = (error: Parameters<typeof describeIssues>[0]) =>
      legacy(400, `Invalid harnessConfig: ${describeIssues(error)}`)
    const tag = config === undefined ? undefined : Either.getOrUndefined(decodeRuntime(config))?.runtime
    const isServer = tag === "headless" || tag === "app_server"
    const pty = config === undefined || isServer ? undefined : yield* Either.mapLeft(decodePty(config), invalid)
    const server = isServer ? yield* Either.mapLeft(decodeAppServer(config), invalid) : undefined
    const asked = yield* readTransport(transport, name)
    const given = config === undefined ? undefined : isServer ? "headless" : "pty"
    if (asked !== undefined && given !== undefined && asked !== given) {
      const reason = `harnessConfig runtime '${given}' does not match transport '${asked}'`
      return yield* Either.left(legacy(500, reason, { name }))
    }
    const appServer =
      server === undefined
        ? undefined
        : yield* Either.mapLeft(readAppServer(server), (reason) => legacy(500, reason, { name }))
    return { runtime: asked ?? given ?? "pty", pty, appServer }
  })

// From the body of `POST /api/spawn`, in both spellings, to an agent spec, or to the documented refusal. Plain functions.

interface SpawnOrder {
  readonly spec: AgentSpec
  readonly suppliedToken: Redacted.Redacted<string> | undefined
}

interface SpawnDefaults {
  readonly channels: ReadonlyArray<string>
  readonly cwd: string
}

const filled = (...values: ReadonlyArray<string | undefined>) =>
  values.find((value) => value !== undefined && value.trim() !== "")?.trim()

const strings = (values: ReadonlyArray<unknown> | undefined) =>
  (values ?? []).filter((value): value is string => typeof value === "string")

const channelNames = (values: ReadonlyArray<unknown> | undefined) => [
  ...new Set(strings(values).flatMap((name) => filled(name.trim().replace(/^#/, "")) ?? []))
]

/** One word of a command line, whatever it contains. */
const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

const presence = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>
  }

const spawnModes: ReadonlySet<string> = new Set(["task_exit", "task-exit", "single_shot", "single-shot"])

/** Each spawn mode but `interactive` implies it. */
const exitAfterTask = (body: SpawnBody): boolean => {
  const mode = filled(body.spawn_mode, body.spawnMode)
  return body.exit_after_task ?? body.exitAfterTask ?? (mode !== undefined && spawnModes.has(mode))
}

/** Seconds of quiet that are idle; 0: two minutes of it. What is no such number is as if it was not said. */
const idleThreshold = (body: SpawnBody): number | undefined => {
  const secs = body.idle_threshold_secs ?? body.idleThresholdSecs
  return secs !== undefined && Number.isFinite(secs) && secs >= 0 ? secs : undefined
}

/** A program that can do without a terminal; the registry knows better should a configured one be meant. */
const refuseHeadless = (cli: string, name: string): Either.Either<void, Reply> =>
  Either.flatMap(
    Either.orElse(commandWords(cli), () => Either.right([cli])),
    ([command = ""]) =>
      headlessRulesOf(chooseHarness(families, Generic, command)) === undefined
        ? Either.left(legacy(500, notHeadless(cli), { name }))
        : Either.void
  )

const readRestartPolicy = (given: unknown, name: string): Either.Either<Policy | undefined, Reply> =>
  given === undefined
    ? Either.right(undefined)
    : Schema.decodeUnknownEither(RestartPolicy)(given).pipe(
        Either.mapBoth({
          onLeft: () => legacy(500, "invalid restart_policy", { name }),
          onRight: (o) => ({
            enabled: o.enabled ?? defaultRestartPolicy.enabled,
            maxRestarts: o.max_restarts ?? defaultRestartPolicy.maxRestarts,
            cooldownMillis: o.cooldown_ms ?? defaultRestartPolicy.cooldownMillis,
            maxConsecutiveFailures: o.max_consecutive_failures ?? defaultRestartPolicy.maxConsecutiveFailures
          })
        })
      )

/** The order of the checks is that of broker 9.1.6: what is wrong with the request, then what this broker does not do. */
const readSpawn = (body: SpawnBody, defaults: SpawnDefaults): Either.Either<SpawnOrder, Reply> =>
  Either.gen(function* () {
    const name = filled(body.name)
    if (name === undefined) return yield* Either.left(legacy(400, "Missing required field: name"))
    const mode = filled(body.spawn_mode, body.spawnMode)
    if (mode !== undefined && mode !== "interactive" && !spawnModes.has(mode)) {
      const reason = `unsupported spawnMode '${mode}' (expected 'interactive' or 'task_exit')`
      return yield* Either.left(legacy(400, reason))
    }
    if ((body.harness_id ?? body.harnessId) !== undefined) {
      return yield* Either.left(legacy(400, "harnessId is not supported by the broker API; send harnessConfig"))
    }
    const config = body.harness_config ?? body.harnessConfig ?? body.harness_plan ?? body.harnessPlan
    const {
      appServer,
      pty: harness,
      runtime
    } = yield* readPlacement(config, filled(body.transport, body.runtime), name)
    const cli = harness === undefined ? (filled(body.cli) ?? appServer?.protocol ?? "claude") : quoted(harness.command)
    if (runtime === "headless" && appServer === undefined) yield* refuseHeadless(cli, name)
    const restartPolicy = yield* readRestartPolicy(body.restart_policy ?? body.restartPolicy, name)
    const channels = channelNames(body.channels)
    const token = filled(body.agent_token, body.agentToken)
    const spec: AgentSpec = {
      name: AgentName.make(name),
      cli,
      args: harness?.args ?? strings(body.args),
      channels: channels.length > 0 ? channels : defaults.channels,
      cwd: filled(body.cwd, harness?.cwd) ?? defaults.cwd,
      parent: "Dashboard",
      ...presence({
        task: filled(body.task) === undefined ? undefined : body.task,
        exitAfterTask: exitAfterTask(body) || undefined,
        model: filled(body.model),
        team: filled(body.team),
        sessionRef: filled(body.session_id, body.sessionId, harness?.sessionId),
        env: harness?.env,
        restartPolicy,
        idleThresholdSecs: idleThreshold(body),
        resultSchema: body.agent_result_schema ?? body.agentResultSchema ?? body.resultSchema,
        runtime: runtime === "headless" ? runtime : undefined,
        appServer,
        skipRelayPrompt: body.skip_relay_prompt ?? body.skipRelayPrompt,
        cols: body.cols,
        rows: body.rows
      })
    }
    return {
      spec,
      suppliedToken: token === undefined ? undefined : Redacted.make(token)
    }
  })

/** All of them are 500, as clients expect; each names its stage, what another try may change says so, and a failed start shows its evidence. */
const refuse = (error: SpawnError, name: string): Reply => {
  switch (error._tag) {
    case "EngineUnavailable":
    case "RateLimited":
      return legacy(500, error.message, { name, stage: "register", retryable: true })
    case "AgentExists":
      return legacy(500, error.message, { name, stage: "validate" })
    case "BindFailed":
      return legacy(500, error.message, { name, stage: "bind" })
    case "SpawnFailed": {
      const { exitCode, lastOutput, logPath, signal, stage } = error
      return legacy(500, error.message, {
        name,
        stage,
        ...(exitCode === undefined ? {} : { exit_code: exitCode }),
        ...(signal === undefined ? {} : { signal }),
        ...(lastOutput === undefined ? {} : { last_output: lastOutput }),
        ...(logPath === undefined ? {} : { log_path: logPath })
      })
    }
    default:
      return legacy(500, error.message, { name, stage: "register" })
  }
}

const unregistered = "not known to the engine: it receives local messages only"

const result = ({ registered, worker }: Spawned): typeof SpawnResult.Type => ({
  success: true,
  name: worker.name,
  runtime: worker.runtime,
  model: worker.spec.model ?? null,
  sessionId: worker.spec.sessionRef ?? null,
  pid: worker.pid ?? null,
  pre_registered: registered,
  warning: registered ? null : unregistered
})

interface SpawnOrigin {
  readonly source: SpawnRequest["source"]
  readonly invocationId?: InvocationId
}

/** The API's spawn, whichever way the request came: its result, or the refusal with its sentence. */
export const makeSpawner = Effect.gen(function* () {
  const actions = yield* Actions
  const { info } = yield* Broker
  const continuity = yield* Continuity

  /** With what a former session kept in front of its task; a missing file is only logged. */
  const continued = (order: SpawnOrder, body: SpawnBody): Effect.Effect<SpawnOrder> => {
    const from = (body.continue_from ?? body.continueFrom)?.trim() ?? ""
    if (from === "") return Effect.succeed(order)
    return Effect.map(
      continuity.find(from),
      Option.match({
        onNone: () => order,
        onSome: (kept) => ({ ...order, spec: { ...order.spec, task: withContext(kept, order.spec.task) } })
      })
    )
  }

  const spawn = (order: SpawnOrder, origin: SpawnOrigin) =>
    actions
      .spawn({
        spec: order.spec,
        ...origin,
        ...(order.suppliedToken === undefined ? {} : { suppliedToken: order.suppliedToken })
      })
      .pipe(
        Effect.map(result),
        Effect.mapError((error) => refuse(error, order.spec.name))
      )

  return (body: SpawnBody, origin: SpawnOrigin): Effect.Effect<typeof SpawnResult.Type, Reply> =>
    readSpawn(body, { channels: info.defaultChannels, cwd: process.cwd() }).pipe(
      Effect.flatMap((order) => continued(order, body)),
      Effect.flatMap((order) => spawn(order, origin))
    )
})

export const makeSpawnRoute = Effect.gen(function* () {
  const spawn = yield* makeSpawner
  const readBody = readJson(SpawnBody)

  /** A caller who leaves takes the spawn along: interruption undoes it. */
  return ({ request }: { readonly request: HttpServerRequest.HttpServerRequest }) =>
    readBody(request).pipe(
      Effect.flatMap((body) => spawn(body, { source: "http_api" })),
      Effect.merge
    )
})
