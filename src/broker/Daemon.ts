/**
 * `relay-broker init`, from the lock to the last file removed. Light on
 * purpose: everything heavy is imported after the API line.
 */
import { randomBytes } from "node:crypto"
import { homedir, hostname, tmpdir } from "node:os"
import { join } from "node:path"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type { Actions } from "../agents/Actions.ts"
import type { AgentWatch } from "../agents/AgentWatch.ts"
import type { Preflight } from "../agents/Preflight.ts"
import type { ResultTokens } from "../agents/ResultTokens.ts"
import type { Subscriptions } from "../agents/Subscriptions.ts"
import type { Alerts } from "../alerts/Alerts.ts"
import type { Deliveries } from "../delivery/Deliveries.ts"
import type { Outbox } from "../delivery/Outbox.ts"
import type {
  AlreadyRunning,
  ConfigInvalid,
  EngineRejected,
  EngineUnavailable,
  IdentityUnavailable,
  NodeIdMismatch,
  PortInUse,
  RateLimited,
  StateUnusable,
  Unauthorized
} from "../domain/Errors.ts"
import { version } from "../domain/Version.ts"
import type { EngineApi } from "../engine/EngineApi.ts"
import type { Events } from "../events/Events.ts"
import type { Hooks } from "../harness/Hooks.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import type { NodeControl } from "../node/NodeControl.ts"
import { bootstrap } from "../node/NodeDescriptor.ts"
import type { SidecarHub } from "../sidecar/SidecarHub.ts"
import type { Store } from "../store/Store.ts"
import { fileLogging } from "../telemetry/DailyFile.ts"
import type { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import * as ApiListener from "./ApiListener.ts"
import { abandonedDirs } from "./abandoned.ts"
import { Broker, type BrokerInfo } from "./Broker.ts"
import { type BrokerConfig, type InitOptions, resolveConfig, safeName } from "./Config.ts"
import * as Drain from "./Drain.ts"
import * as Lease from "./Lease.ts"
import type { BrokerSettings } from "./Services.ts"
import * as ConnectionFile from "./StateDirectory.ts"
import * as InstanceLock from "./StateDirectory.ts"
import * as StateDirectory from "./StateDirectory.ts"

export type StartError =
  | ConfigInvalid
  | StateUnusable
  | AlreadyRunning
  | PortInUse
  | Unauthorized
  | EngineRejected
  | EngineUnavailable
  | RateLimited
  | IdentityUnavailable
  | NodeIdMismatch

/** What the API is built from. */
export type ApiServices =
  | Broker
  | Actions
  | Deliveries
  | EngineApi
  | Outbox
  | AgentWatch
  | Preflight
  | ResultTokens
  | SidecarHub
  | Store
  | Subscriptions
  | WorkerRegistry
  | NodeControl
  | Alerts
  | Events
  | Hooks

/** The API stands a floor above: whoever runs the daemon brings it. */
export interface ApiAttachment {
  readonly startingHealth: () => string
  readonly attach: (
    listener: ApiListener.ApiListener,
    config: BrokerConfig
  ) => Effect.Effect<void, never, ApiServices | Scope.Scope>
}

const resolveHere = (options: InitOptions): Either.Either<BrokerConfig, ConfigInvalid> =>
  resolveConfig(options, process.env, {
    cwd: process.cwd(),
    hostname: hostname(),
    platform: process.platform,
    home: homedir(),
    temporary: tmpdir(),
    pid: process.pid,
    randomHex: () => randomBytes(16).toString("hex")
  })

/** The one line that ever goes to stdout. */
const printApiLine = (url: string) => Effect.sync(() => process.stdout.write(`[agent-relay] API listening on ${url}\n`))

const makePhases = (enabled: boolean) =>
  Effect.map(
    Clock.currentTimeMillis,
    (started) => (phase: string) =>
      enabled
        ? Effect.flatMap(Clock.currentTimeMillis, (now) =>
            Effect.sync(() => process.stderr.write(`[agent-relay][startup +${now - started}ms] ${phase}\n`))
          )
        : Effect.void
  )

const processDirOf = ({ instanceName, stateDir }: BrokerConfig) => join(stateDir, `processes-${safeName(instanceName)}`)

const settingsOf = (config: BrokerConfig, apiUrl: string): BrokerSettings => ({
  instanceName: config.instanceName,
  directory: config.cwd,
  dataDir: config.dataDir,
  engineUrl: config.engine.baseUrl,
  env: process.env,
  workspaceKey: config.workspaceKeyFlag,
  nodeName: config.nodeName,
  host: config.hostname,
  pinnedToken: config.pinnedToken,
  alertWebhook: config.alertWebhook,
  persist: config.persist,
  ephemeral: config.ephemeral,
  storePath: join(config.stateDir, `store-${safeName(config.instanceName)}.sqlite`),
  processDir: processDirOf(config),
  harnessDir: join(config.stateDir, `harness-${safeName(config.instanceName)}`),
  abandonedHarnessDirs: abandonedDirs(tmpdir(), "harness"),
  logDir: join(config.stateDir, "team", "worker-logs"),
  defaultChannels: config.agentChannels,
  apiUrl,
  descriptor: { ...bootstrap(version), capabilities: config.capabilities.map((name) => ({ name, kind: "spawn" })) },
  relayBaseUrl: config.engine.configured ? config.engine.baseUrl : undefined
})

const describe = (
  config: BrokerConfig,
  identity: BrokerIdentity["Type"],
  o: { readonly startedAtMillis: number; readonly apiUrl: string }
): BrokerInfo => ({
  version,
  mode: config.persist ? "persist" : "ephemeral",
  instanceName: config.instanceName,
  startedAtMillis: o.startedAtMillis,
  workspaceId: identity.workspaceId,
  workspaceAlias: identity.workspaceAlias,
  workspaceKey: identity.workspaceKey,
  relayBaseUrl: config.engine.configured ? config.engine.baseUrl : null,
  selfName: identity.agent.name,
  selfAgentId: identity.agent.id,
  get attached() {
    return identity.attached
  },
  defaultChannels: config.agentChannels,
  apiUrl: o.apiUrl
})

/**
 * Runs until it is told to stop (API, lease, interruption) and has stopped in order. Fails only while starting, and then
 * leaves nothing behind.
 */
export const runDaemon = (options: InitOptions, api: ApiAttachment): Effect.Effect<void, StartError> =>
  Effect.flatMap(resolveHere(options), (config) =>
    run(config, api).pipe(
      Effect.provide(tracing(config)),
      Effect.provide(config.logFile === undefined ? Layer.empty : fileLogging(config.logFile))
    )
  )

/** Loaded only where traces are wanted; elsewhere no span is made that nobody sees. */
const tracing = ({ collector }: BrokerConfig): Layer.Layer<never> =>
  collector === undefined
    ? Layer.setTracerEnabled(false)
    : Layer.unwrapEffect(
        Effect.map(
          Effect.promise(() => import("../telemetry/otlp.ts")),
          ({ tracingTo }) => tracingTo(Redacted.value(collector))
        )
      )

const run = (config: BrokerConfig, api: ApiAttachment): Effect.Effect<void, StartError> =>
  Effect.gen(function* () {
    const startedAtMillis = yield* Clock.currentTimeMillis
    const phase = yield* makePhases(config.startupDebug)
    yield* StateDirectory.prepare({ path: config.stateDir, ephemeral: config.ephemeral })
    if (!config.ephemeral) {
      yield* InstanceLock.acquire({ directory: config.stateDir, instanceName: config.instanceName })
    }
    yield* phase("locked")
    const listener = yield* ApiListener.bind({
      host: config.api.bind,
      port: config.api.port,
      startingHealth: api.startingHealth
    })
    yield* printApiLine(listener.url)
    yield* phase("API bound")
    yield* ConnectionFile.publish({
      directory: config.stateDir,
      url: listener.url,
      port: listener.port,
      apiKey: config.api.key
    })

    const { identityLayer, serviceLayer } = yield* Effect.promise(() => import("./Services.ts"))
    const { realPorts } = yield* Effect.promise(() => import("./realPorts.ts"))
    yield* phase("services loaded")
    const ports = realPorts(config.engine.baseUrl)
    const { endLeftOver } = yield* Effect.promise(() => import("../pty/endLeftOver.ts"))
    const { loadHarnesses } = yield* Effect.promise(() => import("../harness/HarnessFile.ts"))
    const settings = { ...settingsOf(config, listener.url), harnesses: yield* loadHarnesses(config.harnessFile) }
    // Before anything is started again, and before a former sidecar finds this API.
    yield* endLeftOver([processDirOf(config), ...abandonedDirs(tmpdir(), "processes")])
    const stop = yield* Deferred.make<string>()
    const lease = yield* Lease.make(config.persist)
    const scope = yield* Effect.scope

    yield* Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const identity = yield* restore(Layer.buildWithScope(identityLayer(settings).pipe(Layer.provide(ports)), scope))
        yield* phase("workspace known")
        const services = yield* restore(
          Layer.buildWithScope(serviceLayer(settings).pipe(Layer.provide(ports)), scope).pipe(Effect.provide(identity))
        )
        const requestShutdown = (reason: string) => Effect.asVoid(Deferred.succeed(stop, reason))
        const draining = yield* Drain.make(requestShutdown).pipe(Effect.provide(services), Scope.extend(scope))
        const broker = Context.make(
          Broker,
          Broker.of({
            info: describe(config, Context.get(identity, BrokerIdentity), { startedAtMillis, apiUrl: listener.url }),
            renewLease: lease.renew,
            requestShutdown,
            requestDrain: draining.request,
            drain: draining.view
          })
        )
        const all = Context.merge(Context.merge(identity, services), broker)
        const { orderly } = yield* Effect.promise(() => import("./Shutdown.ts"))
        const { run: runFrames } = yield* Effect.promise(() => import("./FrameLoop.ts"))
        const { respawn } = yield* Effect.promise(() => import("./Respawn.ts"))
        const { joinOwnChannels } = yield* Effect.promise(() => import("./ownChannels.ts"))
        const running = Effect.gen(function* () {
          yield* runFrames
          yield* api.attach(listener, config)
          yield* phase("API serving")
          yield* Effect.forkScoped(joinOwnChannels(config.channels))
          if (config.respawn) yield* Effect.forkScoped(respawn)
          return yield* Effect.raceFirst(
            Deferred.await(stop),
            Effect.as(lease.expired, "the owner did not renew its lease for 120 s")
          )
        }).pipe(Effect.provide(all), Scope.extend(scope))
        const ended = yield* Effect.exit(restore(running))
        yield* orderly(Exit.isSuccess(ended) ? ended.value : "signal").pipe(Effect.provide(all))
        if (Exit.isFailure(ended)) return yield* Effect.failCause(ended.cause)
      })
    )
  }).pipe(Effect.scoped)
