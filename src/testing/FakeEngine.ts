/**
 * A relaycast engine of the 5.x line in this process: real enough to be the embedded engine of `npm start`,
 * scriptable enough to prove a broker against. In memory through `httpClientLayer` and `nodeLinkLayer`, on a port through
 * `listen`; both reach the same state. Every frame, request and sweep is one synchronous step. Never `/v1/ws`.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { PortInUse } from "../domain/Errors.ts"
import { NodeLink } from "../node/NodeLink.ts"
import { sweepPresence } from "./engine/Agents.ts"
import { makeControl } from "./engine/Control.ts"
import type { FaultControls } from "./engine/FaultControls.ts"
import { makeFaults } from "./engine/Faults.ts"
import { makeIds } from "./engine/Ids.ts"
import { expire } from "./engine/Mailboxes.ts"
import { makeMemoryHttpClient, makeMemoryNodeLink } from "./engine/MemoryDoors.ts"
import type { Core, Later } from "./engine/Model.ts"
import type { ValidateFrame } from "./engine/NodeSocket.ts"
import { goOffline, isLive } from "./engine/Nodes.ts"
import { type EngineEvent, makeRecorder, type Observations } from "./engine/Observations.ts"
import { sweepInvocations } from "./engine/Placement.ts"
import { type Listening, listen } from "./engine/SocketDoor.ts"
import type { WorkspaceControl } from "./engine/WorkspaceControl.ts"
import { createWorkspace } from "./engine/Workspaces.ts"

export interface FakeEngineOptions {
  /** Name of the workspace that is there from the start. */
  readonly workspace?: string
  /** Looks at every frame from a node besides our own strict schemas; a text refuses it. */
  readonly validateFrame?: ValidateFrame
  /** Called for every event, as it happens. */
  readonly onEvent?: (event: EngineEvent) => void
  /** Entries kept in each list of `observations`; 20,000 when not given. */
  readonly keep?: number
  /** Tokens from a counter instead of the system's randomness, so that a simulation repeats itself. */
  readonly predictable?: boolean
  /** Time to live of a mailbox row, milliseconds; one hour as in 5.x. */
  readonly ttlMillis?: number
  /** Open rows per agent; 1,000 as in 5.x. */
  readonly depth?: number
  /** Traits of later engines to switch on. */
  readonly later?: Partial<Later>
}

export interface FakeEngineService extends WorkspaceControl {
  readonly faults: FaultControls
  readonly observations: Observations
  /** HTTP calls to any host are answered here. */
  readonly httpClientLayer: Layer.Layer<HttpClient.HttpClient>
  readonly nodeLinkLayer: Layer.Layer<NodeLink>
  /** The same engine on a port of 127.0.0.1, until the scope ends. */
  readonly listen: (o?: {
    readonly host?: string
    readonly port?: number
  }) => Effect.Effect<Listening, PortInUse, Scope.Scope>
  /** A further workspace; `FakeEngine` itself controls the first. */
  readonly createWorkspace: (name: string) => Effect.Effect<WorkspaceControl>
  /** Every workspace, those made over HTTP included. */
  readonly workspaces: () => ReadonlyArray<WorkspaceControl>
}

/** Liveness, dispatch time-outs, expiry, presence: every 15 s. */
const sweepMillis = 15_000

const sweep = (core: Core): void => {
  for (const workspace of core.workspaces.values()) {
    for (const node of workspace.nodes.values()) if (node.status === "online" && !isLive(core, node)) goOffline(node)
    for (const agent of workspace.agents.values()) expire(core, agent)
    sweepPresence(core, workspace)
    sweepInvocations(core, workspace.invocations.values())
    for (const [key, { expiresAt }] of workspace.idempotency)
      if (expiresAt <= core.now()) workspace.idempotency.delete(key)
  }
}

const makeCore = (o: FakeEngineOptions) =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const run = yield* FiberSet.makeRuntime<never>()
    const now = () => clock.unsafeCurrentTimeMillis()
    const recorder = makeRecorder(o.keep ?? 20_000)
    const core: Core = {
      now,
      ids: makeIds(now, o.predictable ?? false),
      workspaces: new Map(),
      keys: new Map(),
      agentTokens: new Map(),
      nodeTokens: new Map(),
      nodesById: new Map(),
      faults: makeFaults(() => core),
      recorder,
      later: { tellCursors: o.later?.tellCursors ?? false, tokenProof: o.later?.tokenProof ?? false },
      limits: { ttlMillis: o.ttlMillis ?? 3_600_000, depth: o.depth ?? 1000 },
      after: (millis, f) =>
        run(
          Effect.delay(
            Effect.sync(() => recorder.step(f)),
            millis
          )
        )
    }
    if (o.onEvent !== undefined) recorder.onEvent(o.onEvent)
    yield* Effect.sync(() => recorder.step(() => sweep(core))).pipe(
      Effect.delay(sweepMillis),
      Effect.forever,
      Effect.forkScoped
    )
    return core
  })

const make = (o: FakeEngineOptions = {}): Effect.Effect<FakeEngineService, never, Scope.Scope> =>
  Effect.map(makeCore(o), (core) => {
    const first = createWorkspace(core, o.workspace ?? "default")
    return {
      ...makeControl(core, first),
      faults: core.faults,
      observations: core.recorder,
      httpClientLayer: Layer.succeed(HttpClient.HttpClient, makeMemoryHttpClient(core)),
      nodeLinkLayer: Layer.succeed(NodeLink, makeMemoryNodeLink(core, o.validateFrame)),
      listen: (where = {}) => listen(core, o.validateFrame, where),
      createWorkspace: (name) => Effect.sync(() => makeControl(core, createWorkspace(core, name))),
      workspaces: () => [...core.workspaces.values()].map((workspace) => makeControl(core, workspace))
    }
  })

export class FakeEngine extends Context.Tag("relay-broker/testing/FakeEngine")<FakeEngine, FakeEngineService>() {
  static readonly make = make

  /** The engine with its two in-memory doors, for programs that are built from layers. */
  static readonly layer = (o: FakeEngineOptions = {}): Layer.Layer<FakeEngine | HttpClient.HttpClient | NodeLink> =>
    Layer.unwrapScoped(
      Effect.map(make(o), (engine) =>
        Layer.mergeAll(Layer.succeed(FakeEngine, engine), engine.httpClientLayer, engine.nodeLinkLayer)
      )
    )
}
