/** The composition of everything behind the API: named sub-graphs, joined at the end. Loaded after the API line. */

import { join } from "node:path"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LiveActions from "../actions/LiveActions.ts"
import { resultUrl } from "../actions/workerEnvironment.ts"
import * as AgentRegistrar from "../agents/AgentRegistrar.ts"
import { Alerts } from "../alerts/Alerts.ts"
import * as LiveDeliveries from "../delivery/LiveDeliveries.ts"
import * as LiveOutbox from "../delivery/LiveOutbox.ts"
import { version } from "../domain/Version.ts"
import * as HttpEngineApi from "../engine/HttpEngineApi.ts"
import { Events } from "../events/Events.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import { NodeIdentity } from "../identity/NodeIdentity.ts"
import * as LiveNodeControl from "../node/LiveNodeControl.ts"
import { bootstrap } from "../node/NodeDescriptor.ts"
import type { NodeLink } from "../node/NodeLink.ts"
import * as WsNodeLink from "../node/WsNodeLink.ts"
import { NodePty } from "../pty/NodePty.ts"
import type { Pty } from "../pty/Pty.ts"
import { AgentTokens } from "../tokens/AgentTokens.ts"
import { NodeTokens } from "../tokens/NodeTokens.ts"
import { LiveWorkerRegistry } from "../workers/LiveWorkerRegistry.ts"
import type { BrokerConfig, Environment } from "./Config.ts"

/** What touches the world; tests put fakes here. */
export interface Ports {
  readonly httpClient: Layer.Layer<HttpClient.HttpClient>
  readonly nodeLink: Layer.Layer<NodeLink>
  readonly pty: Layer.Layer<Pty>
}

export const realPorts = (config: Pick<BrokerConfig, "engine">): Ports => ({
  httpClient: FetchHttpClient.layer,
  nodeLink: WsNodeLink.layer({ baseUrl: config.engine.baseUrl, userAgent: `relay-broker/${version}` }),
  pty: NodePty.layer
})

const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)

/** Who we are: asks the engine, so it takes as long as the engine does. Until then the API answers 503. */
export const identityLayer = (config: BrokerConfig, env: Environment, ports: Ports) => {
  const observability = Alerts.layer.pipe(Layer.provideMerge(Events.layer))
  const engine = HttpEngineApi.layer({ baseUrl: config.engine.baseUrl }).pipe(Layer.provide(ports.httpClient))
  const broker = BrokerIdentity.layer({
    env,
    name: config.instanceName,
    directory: config.cwd,
    strict: config.persist,
    ...(config.workspaceKeyFlag === undefined ? {} : { workspaceKey: config.workspaceKeyFlag })
  })
  const node = NodeIdentity.layer({
    directory: config.cwd,
    instanceName: config.instanceName,
    dataDir: config.dataDir,
    pinnedToken: config.pinnedToken !== undefined,
    ephemeral: config.ephemeral,
    host: config.hostname,
    ...(config.nodeName === undefined ? {} : { nodeName: config.nodeName })
  })
  return node.pipe(
    Layer.provideMerge(broker),
    Layer.provideMerge(engine),
    Layer.provideMerge(observability),
    Layer.provideMerge(platform)
  )
}

/** The node session, the workers, and what connects them. */
export const serviceLayer = (config: BrokerConfig, env: Environment, ports: Ports, apiUrl: string) =>
  Layer.unwrapEffect(
    Effect.map(BrokerIdentity, (broker) => {
      const tokens = Layer.mergeAll(
        NodeTokens.layer({
          dataDir: config.dataDir,
          ...(config.pinnedToken === undefined ? {} : { pinned: config.pinnedToken })
        }),
        AgentTokens.layer
      )
      const workers = LiveWorkerRegistry.layer({
        logDir: join(config.stateDir, "team", "worker-logs"),
        baseEnv: env
      }).pipe(Layer.provide(ports.pty))
      const node = LiveNodeControl.layer({ descriptor: bootstrap(version) }).pipe(Layer.provide(ports.nodeLink))
      const deliveries = LiveDeliveries.layer({
        workspaceId: broker.workspaceId,
        workspaceAlias: broker.workspaceAlias
      })
      const actions = LiveActions.layer({
        defaultCwd: config.cwd,
        defaultChannels: config.agentChannels,
        environment: {
          workspaceId: broker.workspaceId,
          workspaceAlias: broker.workspaceAlias,
          workspaceKey: broker.workspaceKey,
          relayBaseUrl: config.engine.configured ? config.engine.baseUrl : undefined,
          resultUrl: resultUrl(apiUrl)
        }
      })
      return actions.pipe(
        Layer.provideMerge(LiveOutbox.layer),
        Layer.provideMerge(deliveries),
        Layer.provideMerge(AgentRegistrar.layer),
        Layer.provideMerge(node),
        Layer.provideMerge(workers),
        Layer.provideMerge(tokens)
      )
    })
  )
