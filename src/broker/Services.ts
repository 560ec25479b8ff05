/**
 * The composition of everything behind the API, as layers over its ports: the HTTP client, the node socket, the
 * terminals and their screens. The daemon builds them in two steps; programs and tests take `layer`, a whole broker without process, API
 * and files of its own.
 */
import { hostname } from "node:os"
import { dirname, join } from "node:path"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as AgentRegistrar from "../agents/AgentRegistrar.ts"
import { AgentWatch } from "../agents/AgentWatch.ts"
import * as Preflight from "../agents/Preflight.ts"
import { ResultTokens } from "../agents/ResultTokens.ts"
import * as Subscriptions from "../agents/Subscriptions.ts"
import { callable } from "../agents/workerEnvironment.ts"
import { Alerts } from "../alerts/Alerts.ts"
import { keepAlerts } from "../alerts/keepAlerts.ts"
import { webhook } from "../alerts/Webhook.ts"
import * as LiveDeliveries from "../delivery/LiveDeliveries.ts"
import * as LiveOutbox from "../delivery/LiveOutbox.ts"
import { StateUnusable } from "../domain/Errors.ts"
import { version } from "../domain/Version.ts"
import * as HttpEngineApi from "../engine/HttpEngineApi.ts"
import { Events } from "../events/Events.ts"
import { families } from "../harness/families.ts"
import type { HarnessChoice } from "../harness/Harness.ts"
import { Hooks } from "../harness/Hooks.ts"
import * as Launcher from "../harness/Launcher.ts"
import { BrokerIdentity, subjectOf } from "../identity/BrokerIdentity.ts"

import * as IdentityMemory from "../identity/IdentityMemory.ts"
import { NodeIdentity } from "../identity/NodeIdentity.ts"
import * as LiveActions from "../invocations/LiveActions.ts"
import { AgentTokens } from "../node/AgentTokens.ts"
import * as LiveNodeControl from "../node/LiveNodeControl.ts"
import { bootstrap, type NodeDescriptor } from "../node/NodeDescriptor.ts"
import type { NodeLink } from "../node/NodeLink.ts"
import { NodeTokens } from "../node/NodeTokens.ts"
import * as ChildRecords from "../pty/ChildRecords.ts"
import type { Pty } from "../pty/Pty.ts"
import type { Screen } from "../pty/Screen.ts"
import * as LiveSidecarHub from "../sidecar/SidecarHub.ts"
import { launcher } from "../sidecar/SidecarProcess.ts"
import { withFaultPoints } from "../store/FaultPoints.ts"
import { MemoryStore } from "../store/MemoryStore.ts"
import { SqliteStore, type StoreReport } from "../store/SqliteStore.ts"
import type { Store } from "../store/Store.ts"
import { childEnvironment } from "../workers/childEnvironment.ts"
import { LiveWorkerRegistry } from "../workers/LiveWorkerRegistry.ts"
import * as FrameLoop from "./FrameLoop.ts"
import { orderly } from "./Shutdown.ts"

export type Ports = HttpClient.HttpClient | NodeLink | Pty | Screen

export interface BrokerSettings {
  /** Identity in the workspace; part of the node id. */
  readonly instanceName: string
  /** What the broker works for: part of the node id, and where agents run that name no directory. */
  readonly directory: string
  /** Seed and node tokens are kept below it. */
  readonly dataDir: string
  readonly engineUrl: string
  /** Inherited by agents, and where workspace keys are looked for. */
  readonly env: { readonly [name: string]: string | undefined }
  readonly workspaceKey?: Redacted.Redacted<string> | undefined
  /** Default: `<host>-<instance>`. */
  readonly nodeName?: string | undefined
  readonly host?: string | undefined
  /** `RELAY_NODE_TOKEN`: nothing is minted then, and the node id is the seed's content. */
  readonly pinnedToken?: Redacted.Redacted<string> | undefined
  /** Keep the broker's own name and take its token over when it exists. */
  readonly persist?: boolean
  /** Step aside to another node id for a live broker that has ours. */
  readonly ephemeral?: boolean
  /** The database of what survives the process; without it everything is kept in memory. */
  readonly storePath?: string | undefined
  /** Further CLI families, looked at before the known ones. */
  readonly harnesses?: ReadonlyArray<HarnessChoice>
  /** Where processes are recorded while they run, for the start after a kill; without it, nowhere. */
  readonly processDir?: string | undefined
  /** Settings of agents' programs while they run; without it they get none, so that they have no tools of the relay. */
  readonly harnessDir?: string | undefined
  /** Such directories of brokers that are gone: taken back at the start. */
  readonly abandonedHarnessDirs?: ReadonlyArray<string>
  /** Logs of agents; none without it. */
  readonly logDir?: string | undefined
  readonly defaultChannels?: ReadonlyArray<string>
  /** Address of the local API, told to agents. */
  readonly apiUrl?: string
  /** Told to agents; undefined when the engine is the default one. */
  readonly relayBaseUrl?: string | undefined
  readonly descriptor?: NodeDescriptor
  /** Where alerts are posted to as they come and go (`RELAY_ALERT_WEBHOOK`). */
  readonly alertWebhook?: Redacted.Redacted<string> | undefined
}

const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)

/** Who we are: asks the engine, so it takes as long as the engine does. Until then the API answers 503. */
export const identityLayer = (o: BrokerSettings) => {
  const sender = { instance: o.instanceName, host: o.host ?? hostname(), version }
  const posted = o.alertWebhook === undefined ? Layer.empty : webhook({ url: o.alertWebhook, sender })
  const observability = posted.pipe(
    Layer.provideMerge(Alerts.defectsLayer),
    Layer.provideMerge(Alerts.layer),
    Layer.provideMerge(Events.layer)
  )
  const { dataDir, directory, engineUrl, instanceName } = o
  // What has no place of its own after this run has no identity to come back to either.
  const memory =
    o.storePath === undefined || o.ephemeral === true
      ? Effect.succeed(IdentityMemory.none)
      : IdentityMemory.make({ dataDir, directory, engineUrl, instanceName })
  const broker = Layer.unwrapEffect(
    Effect.map(memory, (remembered) =>
      BrokerIdentity.layer({
        env: o.env,
        name: instanceName,
        directory,
        strict: o.persist ?? false,
        memory: remembered,
        ...(o.workspaceKey === undefined ? {} : { workspaceKey: o.workspaceKey })
      })
    )
  )
  const node = NodeIdentity.layer({
    directory: o.directory,
    instanceName: o.instanceName,
    dataDir: o.dataDir,
    pinnedToken: o.pinnedToken !== undefined,
    ephemeral: o.ephemeral ?? false,
    host: o.host ?? hostname(),
    ...(o.nodeName === undefined ? {} : { nodeName: o.nodeName })
  })
  return node.pipe(
    Layer.provideMerge(broker),
    Layer.provideMerge(HttpEngineApi.layer({ baseUrl: o.engineUrl })),
    Layer.provideMerge(observability),
    Layer.provideMerge(platform)
  )
}

const workerEnvironment = (o: BrokerSettings, broker: BrokerIdentity["Type"]) => ({
  workspaceId: broker.workspaceId,
  workspaceKey: broker.workspaceKey,
  get attached() {
    return broker.attached
  },
  relayBaseUrl: o.relayBaseUrl,
  resultUrl: `${callable(o.apiUrl ?? "http://127.0.0.1")}/api/agent-result`
})

/** A store that loses its database is an alert, and runs on without memory. */
const storeLayer = (o: BrokerSettings): Layer.Layer<Store, never, Alerts> =>
  Layer.unwrapEffect(
    Effect.map(Alerts, (alerts) => {
      const path = o.storePath
      if (path === undefined) return MemoryStore.make().layer
      const report = ({ error, raised }: StoreReport) =>
        raised ? alerts.raise(error, path) : alerts.resolve(error._tag, path)
      return withFaultPoints(SqliteStore.layer({ path, report }), o.env["RELAY_TEST_CRASH_AT"])
    })
  )

const makeLauncher = (o: BrokerSettings) =>
  Effect.gen(function* () {
    const env = childEnvironment(o.env)
    yield* Effect.forEach(
      o.abandonedHarnessDirs ?? [],
      (directory) =>
        Launcher.recover({ directory, env }).pipe(
          Effect.catchAll((error) => Effect.logWarning(`left by a broker that is gone: ${error.message}`))
        ),
      { discard: true }
    )
    const directory = o.harnessDir
    return directory === undefined
      ? Launcher.commandLinesOnly
      : yield* Launcher.make({ directory, env, hooks: yield* Hooks }).pipe(
          Effect.mapError((error) => new StateUnusable({ path: directory, reason: error.message }))
        )
  })

const childrenOf = ({ processDir }: BrokerSettings) =>
  processDir === undefined ? ChildRecords.unrecorded : ChildRecords.make(processDir)

const registryLayer = (o: BrokerSettings) =>
  Layer.unwrapEffect(
    Effect.map(makeLauncher(o), (launcher) =>
      LiveWorkerRegistry.layer({
        logDir: o.logDir,
        baseEnv: o.env,
        harnesses: [...(o.harnesses ?? []), ...families],
        children: childrenOf(o),
        launcher
      })
    )
  )

const descriptorOf = (o: BrokerSettings): NodeDescriptor => o.descriptor ?? bootstrap(version)

const sidecarLayer = (o: BrokerSettings) => {
  const descriptor = descriptorOf(o)
  const logPath = o.logDir === undefined ? undefined : join(dirname(o.logDir), "sidecar.log")
  return LiveSidecarHub.layer({
    bootstrap: descriptor,
    capabilities: descriptor.capabilities,
    launch: launcher({ inherited: o.env, logPath, children: childrenOf(o) }),
    logPath
  })
}

/** The node session, the workers, and what connects them. */
export const serviceLayer = (o: BrokerSettings) =>
  Layer.unwrapEffect(
    Effect.map(Effect.all([BrokerIdentity, NodeIdentity]), ([broker, { nodeId }]) => {
      const tokens = Layer.mergeAll(
        NodeTokens.layer({ dataDir: o.dataDir, ...(o.pinnedToken === undefined ? {} : { pinned: o.pinnedToken }) }),
        AgentTokens.layer,
        ResultTokens.layer
      )
      const { workspaceAlias, workspaceId } = broker
      const actions = LiveActions.layer({
        defaultCwd: o.directory,
        defaultChannels: o.defaultChannels ?? ["general"],
        environment: workerEnvironment(o, broker)
      })
      return actions.pipe(
        Layer.provideMerge(Layer.mergeAll(AgentWatch.layer, Preflight.layer, Subscriptions.layer)),
        Layer.provideMerge(LiveOutbox.layer),
        Layer.provideMerge(LiveDeliveries.layer({ workspaceId, workspaceAlias })),
        Layer.provideMerge(AgentRegistrar.layer),
        Layer.provideMerge(sidecarLayer(o)),
        Layer.provideMerge(LiveNodeControl.layer({ descriptor: descriptorOf(o) })),
        Layer.provideMerge(registryLayer(o)),
        Layer.provideMerge(Hooks.layer(o.apiUrl === undefined ? undefined : callable(o.apiUrl))),
        Layer.provideMerge(keepAlerts({ nodeId, leftOut: broker.leftOut.map(subjectOf) })),
        Layer.provideMerge(storeLayer(o)),
        Layer.provideMerge(tokens)
      )
    })
  )

/** A whole broker: its node session starts with the layer, and ends with it in the order of `Shutdown`. */
export const layer = (o: BrokerSettings) => {
  const running = Layer.scopedDiscard(
    Effect.gen(function* () {
      yield* FrameLoop.run
      const services = yield* orderlyServices
      yield* Effect.addFinalizer(() => Effect.provide(orderly("the layer's scope ends"), services))
    })
  )
  return running.pipe(Layer.provideMerge(serviceLayer(o)), Layer.provideMerge(identityLayer(o)))
}

const orderlyServices = Effect.context<Effect.Effect.Context<ReturnType<typeof orderly>>>()
