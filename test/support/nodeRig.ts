/** The node session and everything below it over a fake engine in memory: all on virtual time. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { NodeId } from "../../src/domain/Ids.ts"
import { EngineApi, type NodeToken } from "../../src/engine/EngineApi.ts"
import * as HttpEngineApi from "../../src/engine/HttpEngineApi.ts"
import type { BrokerEvent } from "../../src/events/Event.ts"
import { Events } from "../../src/events/Events.ts"
import { BrokerIdentity } from "../../src/identity/BrokerIdentity.ts"
import { NodeIdentity } from "../../src/identity/NodeIdentity.ts"
import type { Worker } from "../../src/injection/Worker.ts"
import * as LiveNodeControl from "../../src/node/LiveNodeControl.ts"
import { bootstrap, type NodeDescriptor } from "../../src/node/NodeDescriptor.ts"
import { type NodeConnection, NodeLink } from "../../src/node/NodeLink.ts"
import { mintNodeToken, NodeTokens } from "../../src/node/NodeTokens.ts"

import type { SessionTiming } from "../../src/node/SessionTiming.ts"
import { FakeEngine, type FakeEngineOptions } from "../../src/testing/FakeEngine.ts"
import { type WorkerExited, WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { publishedOutbound } from "./publishedSchemas.ts"

export const nodeId = NodeId.make("node_0123456789abcdef0123456789abcdef")
export const nodeName = "rig"

/** Mints at the engine and keeps token and proof in memory: what `NodeTokens` does, without its cache file. */
export const memoryTokens = Layer.effect(
  NodeTokens,
  Effect.gen(function* () {
    const engine = yield* EngineApi
    const { workspaceKey: key } = yield* BrokerIdentity
    let token: NodeToken | undefined
    let proof: NodeToken | undefined
    return NodeTokens.of({
      current: Effect.gen(function* () {
        if (token !== undefined) return token
        const minted = yield* mintNodeToken({ engine, key, nodeId, preferred: nodeName, proof })
        token = minted.token
        return minted.token
      }),
      reject: (refused) =>
        Effect.sync(() => {
          if (token === undefined || Redacted.value(token) !== Redacted.value(refused)) return
          proof = token
          token = undefined
        }),
      nodeName: Effect.succeed(nodeName),
      source: Effect.succeed("minted"),
      pinned: false
    })
  })
)

/** A table of workers that the test writes itself. */
export const emptyRegistry = (workers: () => ReadonlyArray<Worker>) =>
  Layer.effect(
    WorkerRegistry,
    Effect.map(Effect.all([Mailbox.make<WorkerExited>(), Mailbox.make<Worker>()]), ([exits, sessions]) =>
      WorkerRegistry.of({
        check: () => Effect.die("no spawn in this test"),
        retire: () => Effect.succeed(false),
        reserve: () => Effect.die("no spawn in this test"),
        start: () => Effect.die("no spawn in this test"),
        find: (name) => Effect.sync(() => Option.fromNullable(workers().find((worker) => worker.name === name))),
        findById: (id) => Effect.sync(() => Option.fromNullable(workers().find((worker) => worker.agentId === id))),
        list: Effect.sync(workers),
        starting: Effect.succeed([]),
        exits,
        sessions,
        endAll: Effect.void
      })
    )
  )

export interface NodeRigOptions {
  readonly engine?: FakeEngineOptions
  readonly descriptor?: NodeDescriptor
  readonly workers?: () => ReadonlyArray<Worker>
  readonly timing?: Partial<SessionTiming>
  /** Instead of the fake engine's own socket in memory. */
  readonly link?: Layer.Layer<NodeLink>
  /** Changes what a connection does, for peers that the fake engine cannot play. */
  readonly onConnect?: (connection: NodeConnection) => NodeConnection
}

const linkOf = (o: NodeRigOptions, engine: FakeEngine["Type"]): Layer.Layer<NodeLink> => {
  const { link = engine.nodeLinkLayer, onConnect } = o
  if (onConnect === undefined) return link
  return Layer.map(link, (context) => {
    const link = Context.get(context, NodeLink)
    return Context.make(NodeLink, { connect: (token) => Effect.map(link.connect(token), onConnect) })
  })
}

/** Builds up to the node session; the scope's end stops it. */
export const makeNodeRig = (o: NodeRigOptions = {}) =>
  Effect.gen(function* () {
    const engine = yield* FakeEngine.make({ validateFrame: publishedOutbound, ...o.engine })
    const events: Array<BrokerEvent> = []
    const base = Alerts.defectsLayer.pipe(Layer.provideMerge(Alerts.layer), Layer.provideMerge(Events.layer))
    const api = HttpEngineApi.layer({ baseUrl: "http://engine.test" }).pipe(Layer.provide(engine.httpClientLayer))
    const identity = Layer.merge(
      BrokerIdentity.layer({
        env: { AGENT_RELAY_WORKSPACE_KEY: engine.key() },
        name: "rig-broker",
        directory: "/rig",
        strict: false
      }),
      NodeIdentity.layerOf({ nodeId, nodeName, pinned: false })
    )
    const lower = Layer.mergeAll(memoryTokens, emptyRegistry(o.workers ?? (() => []))).pipe(
      Layer.provideMerge(identity),
      Layer.provideMerge(api),
      Layer.provideMerge(base)
    )
    const context = yield* Layer.build(lower)
    yield* Context.get(context, Events).listen((event) => void events.push(event))
    const node = yield* Layer.build(
      LiveNodeControl.layer({
        descriptor: o.descriptor ?? bootstrap("test"),
        ...(o.timing === undefined ? {} : { timing: o.timing })
      }).pipe(Layer.provide(linkOf(o, engine)))
    ).pipe(Effect.provide(context))
    return { engine, events, context: Context.merge(context, node) }
  })
