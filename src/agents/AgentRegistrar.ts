/**
 * An agent's identity at the engine: over the node socket; over HTTP plus a bind only when the socket is lost or silent,
 * never after a refusal and never by rotating an active agent's token (design 4, a spawn). Undoes what it did; an undo
 * that cannot be sent is kept and retried.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { Alerts } from "../alerts/Alerts.ts"
import {
  AgentLocationConflict,
  BindFailed,
  type EngineRejected,
  EngineUnavailable,
  type NodeRequestRefused,
  type RateLimited,
  type Unauthorized
} from "../domain/Errors.ts"
import type { AgentId, AgentName, InvocationId } from "../domain/Ids.ts"
import { type AgentToken, EngineApi, type EngineError } from "../engine/EngineApi.ts"
import { Events } from "../events/Events.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { AgentTokens } from "../tokens/AgentTokens.ts"
import { NodeTokens } from "../tokens/NodeTokens.ts"
import { makeTurns } from "./Turns.ts"

export interface RegisterRequest {
  readonly name: AgentName
  readonly cli: string
  readonly invocationId: InvocationId | undefined
  readonly sessionRef: string | undefined
  readonly suppliedToken: AgentToken | undefined
}

export interface Registration {
  readonly agentId: AgentId
  readonly name: AgentName
  readonly token: AgentToken
  readonly ackedSeq: number | undefined
  readonly via: "node" | "http" | "token"
}

export type RegisterError =
  | AgentLocationConflict
  | BindFailed
  | NodeRequestRefused
  | Unauthorized
  | EngineRejected
  | EngineUnavailable
  | RateLimited

/** How long a spawn waits for a ready session before it takes the HTTP path. */
const sessionWaitMillis = 5_000
/** A name registered again this soon after its deregister is checked: the engine does not answer a deregister (EP 4). */
const checkWithinMillis = 5_000

const retryUndo = Schedule.exponential("1 second").pipe(Schedule.union(Schedule.spaced("30 seconds")))

export class AgentRegistrar extends Context.Tag("relay-broker/agents/AgentRegistrar")<
  AgentRegistrar,
  {
    /** One at a time per name: the engine handles registers side by side, and the last one's token is the one that lives (EP 4). */
    readonly register: (request: RegisterRequest) => Effect.Effect<Registration, RegisterError>
    /** For a spawn that may come later; nothing when `isFree` says, once it is this name's turn, that it came already. */
    readonly registerAhead: (o: {
      readonly name: AgentName
      readonly cli: string
      readonly isFree: Effect.Effect<boolean>
    }) => Effect.Effect<void, RegisterError>
    /** The agent leaves this node. Never fails: what cannot be said now is said later, unless the name is registered again. */
    readonly leave: (o: { readonly agentId: AgentId; readonly name: AgentName }) => Effect.Effect<void>
  }
>() {}

const make = Effect.gen(function* () {
  const alerts = yield* Alerts
  const events = yield* Events
  const engine = yield* EngineApi
  const { workspaceKey: key } = yield* BrokerIdentity
  const node = yield* NodeControl
  const nodeTokens = yield* NodeTokens
  const agentTokens = yield* AgentTokens
  const undos = yield* FiberMap.make<AgentName, void>()
  const leftAtMillis = new Map<AgentName, number>()

  const bindFailed = (agent: string, nodeName: string) => (error: EngineError) =>
    new BindFailed({ agent, node: nodeName, reason: error.message })

  const bind = (name: AgentName) =>
    Effect.flatMap(nodeTokens.nodeName, (nodeName) =>
      engine.bindAgent({ key, node: nodeName, agent: name }).pipe(Effect.mapError(bindFailed(name, nodeName)))
    ).pipe(Effect.tapError((error) => alerts.raise(error, name)))

  /** An identity of an existing name, without taking it from anyone who uses it. */
  const reclaim = Effect.fn("AgentRegistrar.reclaim")(function* (name: AgentName) {
    const known = yield* engine.findAgent({ key, name })
    if (Option.isNone(known)) {
      return yield* new EngineUnavailable({
        operation: "find agent",
        url: engine.baseUrl,
        reason: `"${name}" vanished`
      })
    }
    if (known.value.status === "active" || known.value.status === "online") {
      // On this node it is ours: a register of this very spawn, whose answer did not come.
      const here = yield* engine.nodeAgents({ key, node: yield* nodeTokens.nodeName })
      if (!here.some((agent) => agent.name === name)) return yield* new AgentLocationConflict({ agent: name })
    }
    return { id: known.value.id, token: yield* engine.rotateAgentToken({ key, name }) }
  })

  const overHttp = Effect.fn("AgentRegistrar.overHttp")(function* (request: RegisterRequest) {
    const { name } = request
    const identity = yield* engine.registerAgent({ key, name, type: "agent", metadata: { cli: request.cli } }).pipe(
      Effect.catchIf(
        (error) => error._tag === "EngineRejected" && error.status === 409,
        () => reclaim(name)
      )
    )
    const registration: Registration = {
      agentId: identity.id,
      name,
      token: identity.token,
      ackedSeq: undefined,
      via: "http"
    }
    yield* bind(name)
    return registration
  })

  const withToken = Effect.fn("AgentRegistrar.withToken")(function* (name: AgentName, token: AgentToken) {
    const known = yield* engine.findAgent({ key, name })
    if (Option.isNone(known)) {
      return yield* new BindFailed({
        agent: name,
        node: yield* nodeTokens.nodeName,
        reason: "the engine does not know this agent"
      })
    }
    yield* bind(name)
    const registration: Registration = { agentId: known.value.id, name, token, ackedSeq: undefined, via: "token" }
    return registration
  })

  const overNode = (request: RegisterRequest): Effect.Effect<Registration, RegisterError> =>
    node.awaitReady(sessionWaitMillis).pipe(
      Effect.zipRight(
        node.registerAgent({
          name: request.name,
          ...(request.invocationId === undefined ? {} : { invocationId: request.invocationId }),
          ...(request.sessionRef === undefined ? {} : { sessionRef: request.sessionRef, resumable: true })
        })
      ),
      Effect.map((reply): Registration => ({ ...reply, name: request.name, via: "node" })),
      Effect.catchTags({
        LinkLost: () => overHttp(request),
        NodeRequestTimeout: () => overHttp(request)
      })
    )

  /** After a quick return the engine may still handle the old deregister: the binding is looked at and mended. */
  const checkBinding = (name: AgentName) =>
    Effect.gen(function* () {
      yield* Effect.sleep("1 second")
      const nodeName = yield* nodeTokens.nodeName
      const bound = yield* engine.nodeAgents({ key, node: nodeName })
      if (bound.some((agent) => agent.name === name)) return
      yield* Effect.logWarning(`binding of ${name} was lost to its former deregistration; bound again`)
      yield* bind(name)
    }).pipe(Effect.catchAll((error) => Effect.logWarning(`binding of ${name} not checked: ${error.message}`)))

  const inTurn = makeTurns<AgentName>()

  const registerNow = Effect.fn("AgentRegistrar.register")(function* (request: RegisterRequest) {
    const { name } = request
    yield* FiberMap.remove(undos, name)
    const registration =
      request.suppliedToken === undefined ? yield* overNode(request) : yield* withToken(name, request.suppliedToken)
    yield* agentTokens.set(name, registration.token)
    yield* alerts.resolve("BindFailed", name)
    yield* events.publish({ kind: "agent_bound", name, agent_id: registration.agentId, via: registration.via })
    const left = leftAtMillis.get(name)
    leftAtMillis.delete(name)
    if (left !== undefined && (yield* Clock.currentTimeMillis) - left < checkWithinMillis) {
      yield* FiberMap.run(undos, name, checkBinding(name))
    }
    return registration
  })

  const sayGoodbye = (agentId: AgentId, name: AgentName) =>
    node.deregisterAgent({ agentId, name }).pipe(
      Effect.catchTag("LinkLost", () =>
        Effect.flatMap(nodeTokens.nodeName, (nodeName) =>
          engine.unbindAgent({ key, node: nodeName, agent: name })
        ).pipe(
          Effect.catchIf(
            (error) => error._tag === "EngineRejected" && error.status === 404,
            () => Effect.void
          )
        )
      )
    )

  const leave: AgentRegistrar["Type"]["leave"] = ({ agentId, name }) =>
    Effect.gen(function* () {
      yield* agentTokens.remove(name)
      yield* alerts.resolve("AgentLocationConflict", name)
      // A check or an older goodbye of this name must not act on what follows.
      yield* FiberMap.remove(undos, name)
      const now = yield* Clock.currentTimeMillis
      for (const [other, at] of leftAtMillis) if (now - at > checkWithinMillis) leftAtMillis.delete(other)
      leftAtMillis.set(name, now)
      const said = yield* Effect.either(node.deregisterAgent({ agentId, name }))
      if (said._tag === "Right") return
      yield* Effect.logInfo(`${name} will be deregistered when the engine is back`)
      yield* FiberMap.run(
        undos,
        name,
        sayGoodbye(agentId, name).pipe(
          Effect.retry(retryUndo),
          Effect.catchAll((error) => Effect.logWarning(`${name} not deregistered: ${error.message}`))
        )
      )
    })

  return AgentRegistrar.of({
    register: (request) => inTurn(request.name, registerNow(request)),
    registerAhead: ({ cli, isFree, name }) =>
      inTurn(
        name,
        Effect.asVoid(
          Effect.whenEffect(
            registerNow({ name, cli, invocationId: undefined, sessionRef: undefined, suppliedToken: undefined }),
            isFree
          )
        )
      ),
    leave
  })
})

export const layer = Layer.scoped(AgentRegistrar, make)
