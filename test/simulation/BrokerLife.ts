/**
 * One life of the broker: its services over an engine and terminals in memory, in fibers that can be killed at any step.
 * The same layers as `broker/Services`, with what touches files replaced: identities are given, tokens kept in memory.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type { Actions } from "../../src/agents/Actions.ts"
import * as AgentRegistrar from "../../src/agents/AgentRegistrar.ts"
import { ResultTokens } from "../../src/agents/ResultTokens.ts"
import { Alerts } from "../../src/alerts/Alerts.ts"
import * as FrameLoop from "../../src/broker/FrameLoop.ts"
import { orderly } from "../../src/broker/Shutdown.ts"
import type { Deliveries } from "../../src/delivery/Deliveries.ts"
import * as LiveDeliveries from "../../src/delivery/LiveDeliveries.ts"
import * as LiveOutbox from "../../src/delivery/LiveOutbox.ts"
import type { Outbox } from "../../src/delivery/Outbox.ts"
import { NodeId } from "../../src/domain/Ids.ts"
import { EngineApi, type NodeToken } from "../../src/engine/EngineApi.ts"
import * as HttpEngineApi from "../../src/engine/HttpEngineApi.ts"
import type { BrokerEvent } from "../../src/events/Event.ts"
import { Events } from "../../src/events/Events.ts"
import { BrokerIdentity, type Identity } from "../../src/identity/BrokerIdentity.ts"
import { NodeIdentity } from "../../src/identity/NodeIdentity.ts"
import * as LiveActions from "../../src/invocations/LiveActions.ts"
import { AgentTokens } from "../../src/node/AgentTokens.ts"
import * as LiveNodeControl from "../../src/node/LiveNodeControl.ts"
import type { NodeControl } from "../../src/node/NodeControl.ts"
import { NodeTokens } from "../../src/node/NodeTokens.ts"
import { Pty } from "../../src/pty/Pty.ts"
import type { SidecarHub } from "../../src/sidecar/SidecarHub.ts"
import * as LiveSidecarHub from "../../src/sidecar/SidecarHub.ts"
import type { Store } from "../../src/store/Store.ts"
import type { FakeEngineService } from "../../src/testing/FakeEngine.ts"
import { type FakeProcess, FakePty } from "../../src/testing/FakePty.ts"
import { FakeScreen } from "../../src/testing/FakeScreen.ts"
import type { SimScheduler } from "../../src/testing/Simulation.ts"
import { LiveWorkerRegistry } from "../../src/workers/LiveWorkerRegistry.ts"
import type { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import type { Dice } from "./Dice.ts"
import { programKinds, programOf } from "./Programs.ts"
import type { SimStore } from "./SimStore.ts"
import type { Terminal } from "./Terminal.ts"

export type BrokerServices =
  | Actions
  | Alerts
  | Deliveries
  | Events
  | NodeControl
  | Outbox
  | SidecarHub
  | Store
  | WorkerRegistry

export const nodeId = NodeId.make("node_0123456789abcdef0123456789abcdef")
export const nodeName = "sim"

/** What a restarted broker finds on its disk. */
export interface Disk {
  nodeToken: NodeToken | undefined
  readonly store: SimStore
}

/** Mints at the engine, and keeps the token on the disk. */
const tokensOn = (disk: Disk) =>
  Layer.effect(
    NodeTokens,
    Effect.gen(function* () {
      const engine = yield* EngineApi
      const { workspaceKey: key } = yield* BrokerIdentity
      return NodeTokens.of({
        current: Effect.gen(function* () {
          if (disk.nodeToken !== undefined) return disk.nodeToken
          const minted = yield* engine.mintNode({ key, nodeId, name: nodeName, version: "relay-broker/sim" })
          disk.nodeToken = minted.token
          return minted.token
        }),
        reject: (refused) =>
          Effect.sync(() => {
            const { nodeToken } = disk
            if (nodeToken !== undefined && Redacted.value(nodeToken) === Redacted.value(refused)) {
              disk.nodeToken = undefined
            }
          }),
        nodeName: Effect.succeed(nodeName),
        source: Effect.succeed("minted"),
        pinned: false
      })
    })
  )

export interface LifeOptions {
  readonly number: number
  readonly engine: FakeEngineService
  readonly identity: Omit<Identity, "attached" | "leftOut">
  readonly disk: Disk
  readonly scheduler: SimScheduler
  readonly openTerminal: (life: number, process: FakeProcess) => { readonly terminal: Terminal; readonly dice: Dice }
  readonly onEvent: (event: BrokerEvent) => void
}

export interface BrokerLife {
  readonly number: number
  /** Runs one of the broker's own effects as a caller of it would; undefined when the broker dies first. */
  readonly call: <A, E>(effect: Effect.Effect<A, E, BrokerServices>) => Effect.Effect<Exit.Exit<A, E> | undefined>
  /** `kill -9`: nothing of it runs any more. */
  readonly kill: Effect.Effect<void>
  /** SIGTERM: the orderly end. */
  readonly stop: Effect.Effect<void>
}

/** The fake terminals, and a look at the end of each process. */
const terminals = (o: LifeOptions) => {
  const open = (process: FakeProcess) => {
    const opened = o.openTerminal(o.number, process)
    byPid.set(process.pid, opened.terminal)
    return opened
  }
  const byPid = new Map<number, Terminal>()
  return Layer.effect(
    Pty,
    Effect.gen(function* () {
      const inner = yield* Pty
      const fake = yield* FakePty
      for (const kind of programKinds) yield* fake.program(kind, programOf(kind, open))
      return Pty.of({
        ...inner,
        spawn: (options) =>
          Effect.tap(inner.spawn(options), (process) =>
            Effect.forkDaemon(
              Effect.zipRight(
                process.exit,
                Effect.sync(() => byPid.get(process.pid)?.end())
              )
            )
          )
      })
    })
  ).pipe(Layer.provide(FakePty.layer))
}

const services = (o: LifeOptions) => {
  const { identity } = o
  const base = Layer.mergeAll(
    BrokerIdentity.layerOf(identity),
    NodeIdentity.layerOf({ nodeId, nodeName, pinned: false }),
    HttpEngineApi.layer({ baseUrl: "http://engine.test" }).pipe(Layer.provide(o.engine.httpClientLayer)),
    Alerts.layer.pipe(Layer.provideMerge(Events.layer)),
    o.engine.nodeLinkLayer,
    o.disk.store.layer,
    terminals(o),
    FakeScreen.layer
  )
  const descriptor = {
    capabilities: programKinds.map((kind) => ({ name: `spawn:${kind}` })),
    maxAgents: 0,
    tags: [],
    version: "relay-broker/sim"
  }
  return LiveActions.layer({
    defaultCwd: "/",
    defaultChannels: ["general"],
    environment: {
      workspaceId: identity.workspaceId,
      workspaceKey: identity.workspaceKey,
      attached: [identity],
      relayBaseUrl: undefined,
      resultUrl: "http://127.0.0.1/api/agent-result"
    }
  }).pipe(
    Layer.provideMerge(LiveOutbox.layer),
    Layer.provideMerge(LiveDeliveries.layer({ workspaceId: identity.workspaceId, workspaceAlias: undefined })),
    Layer.provideMerge(AgentRegistrar.layer),
    Layer.provideMerge(
      LiveSidecarHub.layer({
        bootstrap: descriptor,
        capabilities: descriptor.capabilities,
        launch: () => Effect.never,
        logPath: undefined
      })
    ),
    Layer.provideMerge(LiveNodeControl.layer({ descriptor })),
    Layer.provideMerge(LiveWorkerRegistry.layer({ baseEnv: {} })),
    Layer.provideMerge(Layer.mergeAll(tokensOn(o.disk), AgentTokens.layer, ResultTokens.layer)),
    Layer.provideMerge(base)
  )
}

/** Returns at once; the services are there as soon as they are built. */
export const startLife = (o: LifeOptions): Effect.Effect<BrokerLife> =>
  Effect.gen(function* () {
    const process = o.scheduler.process()
    const dead = yield* Deferred.make<void>()
    const built = yield* Deferred.make<Context.Context<BrokerServices>>()
    const scope = yield* Scope.make()
    const inside = <A, E>(effect: Effect.Effect<A, E>) => Effect.forkDaemon(effect.pipe(Effect.withScheduler(process)))

    yield* inside(
      Layer.buildWithScope(services(o), scope).pipe(
        Effect.tap((context) =>
          Context.get(context, Events)
            .listen(o.onEvent)
            .pipe(Effect.zipRight(FrameLoop.run), Effect.provide(context), Scope.extend(scope))
        ),
        Effect.intoDeferred(built)
      )
    )
    const call: BrokerLife["call"] = (effect) =>
      Effect.gen(function* () {
        const done =
          yield* Deferred.make<Exit.Exit<Effect.Effect.Success<typeof effect>, Effect.Effect.Error<typeof effect>>>()
        yield* inside(
          Deferred.await(built).pipe(
            Effect.flatMap((context) => Effect.provide(effect, context)),
            Effect.exit,
            Effect.flatMap((exit) => Deferred.succeed(done, exit))
          )
        )
        return yield* Effect.raceFirst(Deferred.await(done), Effect.as(Deferred.await(dead), undefined))
      })
    const kill = Effect.suspend(() => {
      process.kill()
      return Effect.asVoid(Deferred.succeed(dead, undefined))
    })
    return {
      number: o.number,
      call,
      kill,
      stop: call(Effect.zipRight(orderly("the operator stops it"), Scope.close(scope, Exit.void))).pipe(
        Effect.zipRight(kill)
      )
    }
  })
