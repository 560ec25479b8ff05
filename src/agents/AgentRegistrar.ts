/**
 * An agent's identity at the engine: over the node socket; over HTTP plus a bind only when the socket is lost or silent,
 * never after a refusal.
 *
 * Invariants: 1. one thing at a time per name · 2. a registration whose caller left goes on to its answer, is not taken
 * over HTTP any more, and is undone when it succeeds · 3. what may have happened at the engine and is not wanted is owed
 * (`Undos`) until the engine was told.
 */

import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberMap from "effect/FiberMap"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Alerts } from "../alerts/Alerts.ts"
import {
  AgentLocationConflict,
  BindFailed,
  type EngineRejected,
  EngineUnavailable,
  InvocationWithdrawn,
  type LinkLost,
  type NodeRequestRefused,
  type NodeRequestTimeout,
  type RateLimited,
  type Unauthorized
} from "../domain/Errors.ts"
import type { AgentId, AgentName, InvocationId } from "../domain/Ids.ts"
import { makeTurns } from "../domain/KeyedMutex.ts"
import { type AgentToken, EngineApi, type EngineError } from "../engine/EngineApi.ts"
import { Events } from "../events/Events.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import { AgentTokens } from "../node/AgentTokens.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { NodeTokens } from "../node/NodeTokens.ts"
import { makeUndos, type Undos } from "./Undos.ts"

// An agent's identity without the node socket: HTTP register and bind. A name that exists is taken over only when nobody
// uses it: the token of an active agent is never rotated, unless it is active on this very node, which means by a register
// of ours whose answer did not come.

const makeOverHttp = (undos: Undos) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const engine = yield* EngineApi
    const { workspaceKey: key } = yield* BrokerIdentity
    const nodeTokens = yield* NodeTokens

    const bindFailed = (agent: string, node: string) => (error: EngineError) =>
      new BindFailed({ agent, node, reason: error.message })

    const bind = (name: AgentName) =>
      Effect.flatMap(nodeTokens.nodeName, (node) =>
        engine.bindAgent({ key, node, agent: name }).pipe(Effect.mapError(bindFailed(name, node)))
      ).pipe(Effect.tapError((error) => alerts.raise(error, name)))

    /** An identity of an existing name, without taking it from anyone who uses it. */
    const reclaim = Effect.fn("AgentRegistrar.reclaim")(function* (name: AgentName) {
      const known = yield* engine.findAgent({ key, name })
      if (Option.isNone(known)) {
        const reason = `"${name}" vanished`
        return yield* new EngineUnavailable({ operation: "find agent", url: engine.baseUrl, reason })
      }
      const { id, status } = known.value
      if (status === "active" || status === "online") {
        const here = yield* engine.nodeAgents({ key, node: yield* nodeTokens.nodeName })
        if (!here.some((agent) => agent.name === name)) return yield* new AgentLocationConflict({ agent: name })
      }
      return { id, token: yield* engine.rotateAgentToken({ key, name }), isNew: false }
    })

    const identityOf = ({ cli, name }: RegisterRequest) =>
      engine.registerAgent({ key, name, type: "agent", metadata: { cli } }).pipe(
        Effect.map(({ id, token }) => ({ id, token, isNew: true })),
        Effect.catchIf(
          (error) => error._tag === "EngineRejected" && error.status === 409,
          () => reclaim(name)
        )
      )

    /** The engine has it as active on its own since its registration, where nobody could take it over for minutes. */
    const abandon = (name: AgentName) =>
      engine
        .setAgentOffline({ key, name })
        .pipe(
          Effect.catchAll((error) => Effect.logWarning(`${name} stays active at the engine for now: ${error.message}`))
        )

    const register = Effect.fn("AgentRegistrar.overHttp")(function* (request: RegisterRequest) {
      const { name } = request
      const { id, isNew, token } = yield* identityOf(request)
      yield* bind(name).pipe(
        // A bind that was not answered may have happened.
        Effect.tapError(() => Effect.zipRight(undos.owe({ name, agentId: id }), isNew ? abandon(name) : Effect.void))
      )
      const registration: Registration = { agentId: id, name, token, ackedSeq: undefined, via: "http" }
      return registration
    })

    const withToken = Effect.fn("AgentRegistrar.withToken")(function* (name: AgentName, token: AgentToken) {
      const known = yield* engine.findAgent({ key, name })
      if (Option.isNone(known)) {
        const node = yield* nodeTokens.nodeName
        return yield* new BindFailed({ agent: name, node, reason: "the engine does not know this agent" })
      }
      yield* bind(name).pipe(Effect.tapError(() => undos.owe({ name, agentId: undefined })))
      const { id: agentId } = known.value
      const registration: Registration = { agentId, name, token, ackedSeq: undefined, via: "token" }
      return registration
    })

    return { bind, register, withToken }
  })

interface RegisterRequest {
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

type RegisterError =
  | AgentLocationConflict
  | BindFailed
  | NodeRequestRefused
  | Unauthorized
  | EngineRejected
  | EngineUnavailable
  | RateLimited
  | InvocationWithdrawn

/** How long a spawn waits for a ready session before it takes the HTTP path. */
const sessionWaitMillis = 5_000
const checkMillis = 8_000
/** A name registered again this soon after its deregister is checked: the engine does not answer a deregister. */
const checkWithinMillis = 5_000

export class AgentRegistrar extends Context.Tag("relay-broker/agents/AgentRegistrar")<
  AgentRegistrar,
  {
    /**
     * One at a time per name: the engine handles registers side by side, and the last one's token is the one that
     * lives. Interruption returns at once; what comes of it then is undone (see `settling`).
     */
    readonly register: (request: RegisterRequest) => Effect.Effect<Registration, RegisterError>
    /** For a spawn that may come later; nothing when `isFree` says, once it is this name's turn, that it came already. */
    readonly registerAhead: (o: {
      readonly name: AgentName
      readonly cli: string
      readonly isFree: Effect.Effect<boolean>
    }) => Effect.Effect<void, RegisterError>
    /** Undefined, or what completes when the registration that nobody waits for was answered and taken back. */
    readonly settling: (name: AgentName) => Effect.Effect<void> | undefined
    /** The agent leaves this node. Never fails: what cannot be said now is said later, unless the name is registered again. */
    readonly leave: (o: { readonly agentId: AgentId; readonly name: AgentName }) => Effect.Effect<void>
    /** Looks whether the engine still has the agent here, and binds it again if not; in the background. */
    readonly checkBinding: (name: AgentName) => Effect.Effect<void>
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
  const scope = yield* Effect.scope
  const turns = makeTurns<AgentName>()
  const leftAtMillis = new Map<AgentName, number>()
  const undos = yield* makeUndos(turns, (name, atMillis) => {
    for (const [other, at] of leftAtMillis) if (atMillis - at > checkWithinMillis) leftAtMillis.delete(other)
    leftAtMillis.set(name, atMillis)
  })
  const http = yield* makeOverHttp(undos)
  const checks = yield* FiberMap.make<AgentName, void>()
  const registered = new Map<AgentName, AgentId>()
  /** Registrations that nobody waits for, by name. */
  const deserted = new Map<AgentName, Fiber.Fiber<void>>()

  /** Lost or silent. An invocation goes no other way when the link is lost: the engine has it back. */
  const insteadOfNode = (request: RegisterRequest, why: LinkLost | NodeRequestTimeout, isWanted: () => boolean) =>
    Effect.suspend((): Effect.Effect<Registration, RegisterError> => {
      const { invocationId, name } = request
      if (why._tag === "LinkLost" && invocationId !== undefined) {
        return Effect.fail(new InvocationWithdrawn({ agent: name, reason: why.message }))
      }
      return isWanted() ? http.register(request) : Effect.interrupt
    })

  const overNode = (request: RegisterRequest, isWanted: () => boolean) => {
    const { invocationId, name, sessionRef } = request
    const ask = node
      .registerAgent({
        name,
        ...(invocationId === undefined ? {} : { invocationId }),
        ...(sessionRef === undefined ? {} : { sessionRef, resumable: true })
      })
      .pipe(Effect.map((reply): Registration => ({ ...reply, name, via: "node" })))
    /** It may have been handled all the same: when nothing comes of the other way, it is taken back by name. */
    const unanswered = (why: LinkLost | NodeRequestTimeout) =>
      insteadOfNode(request, why, isWanted).pipe(Effect.onError(() => undos.owe({ name, agentId: undefined })))
    return Effect.matchEffect(node.awaitReady(sessionWaitMillis), {
      onFailure: (why) => insteadOfNode(request, why, isWanted),
      onSuccess: () => ask.pipe(Effect.catchTags({ LinkLost: unanswered, NodeRequestTimeout: unanswered }))
    })
  }

  const checkNow = (name: AgentName) =>
    Effect.gen(function* () {
      if (!registered.has(name)) return
      const bound = yield* engine.nodeAgents({ key, node: yield* nodeTokens.nodeName })
      if (bound.some((agent) => agent.name === name)) return
      yield* Effect.logWarning(`binding of ${name} was lost to its former deregistration; bound again`)
      yield* http.bind(name)
    }).pipe(
      Effect.timeoutFail({ duration: checkMillis, onTimeout: () => ({ message: "the engine takes too long" }) }),
      Effect.catchAll(({ message }) => Effect.logWarning(`binding of ${name} not checked: ${message}`))
    )

  // With the name: a bind that the engine handles after a goodbye would bring the agent back.
  const checkBinding = (name: AgentName) =>
    turns(name, checkNow(name)).pipe(
      Effect.delay("1 second"),
      (check) => FiberMap.run(checks, name, check),
      Effect.asVoid
    )

  const registerNow = Effect.fn("AgentRegistrar.register")(
    function* (request: RegisterRequest, isWanted: () => boolean) {
      const { name, suppliedToken } = request
      const registration = yield* node.naming(
        name,
        suppliedToken === undefined ? overNode(request, isWanted) : http.withToken(name, suppliedToken)
      )
      yield* undos.drop(name)
      registered.set(name, registration.agentId)
      yield* agentTokens.set(name, registration.token)
      yield* alerts.resolve("BindFailed", name)
      yield* events.publish({ kind: "agent_bound", name, agent_id: registration.agentId, via: registration.via })
      const left = leftAtMillis.get(name)
      leftAtMillis.delete(name)
      if (left !== undefined && (yield* Clock.currentTimeMillis) - left < checkWithinMillis) yield* checkBinding(name)
      return registration
    },
    (registering, { name }) =>
      Effect.tapErrorTag(registering, "AgentLocationConflict", (error) => alerts.raise(error, name))
  )

  const leaveNow = ({ agentId, name }: { readonly agentId: AgentId; readonly name: AgentName }) =>
    Effect.gen(function* () {
      registered.delete(name)
      yield* agentTokens.remove(name)
      yield* alerts.resolve("AgentLocationConflict", name)
      yield* FiberMap.remove(checks, name)
      yield* undos.owe({ name, agentId })
    })

  const leave: AgentRegistrar["Type"]["leave"] = (o) => turns(o.name, leaveNow(o))

  const register: AgentRegistrar["Type"]["register"] = (request) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const { name } = request
        let isWanted = true
        const running = yield* restore(
          turns(
            name,
            registerNow(request, () => isWanted)
          )
        ).pipe(Effect.forkIn(scope))
        const takeBack = Effect.flatMap(Fiber.await(running), (exit) =>
          Exit.isSuccess(exit) ? leave(exit.value) : Effect.void
        ).pipe(Effect.ensuring(Effect.sync(() => deserted.delete(name))))
        return yield* restore(Fiber.join(running)).pipe(
          Effect.onInterrupt(() =>
            Effect.gen(function* () {
              isWanted = false
              deserted.set(name, yield* Effect.forkIn(takeBack, scope))
            })
          )
        )
      })
    )

  // The engine's late word about a name: wanted when the name is registered, whichever way that went.
  yield* Effect.flatMap(node.lateRegistrations.take, ({ agentId, name }) =>
    turns(
      name,
      Effect.suspend(() =>
        registered.has(name)
          ? Effect.void
          : Effect.zipRight(Effect.logInfo(`late registration of ${name} undone`), undos.owe({ name, agentId }))
      )
    ).pipe(Effect.forkIn(scope))
  ).pipe(
    Effect.catchTag("NoSuchElementException", () => Effect.interrupt),
    Effect.forever,
    Effect.forkScoped
  )

  return AgentRegistrar.of({
    register,
    registerAhead: ({ cli, isFree, name }) => {
      const request = { name, cli, invocationId: undefined, sessionRef: undefined, suppliedToken: undefined }
      return turns(
        name,
        Effect.asVoid(
          Effect.whenEffect(
            registerNow(request, () => true),
            isFree
          )
        )
      )
    },
    leave,
    checkBinding,
    settling: (name) => {
      const fiber = deserted.get(name)
      return fiber && Effect.asVoid(Fiber.await(fiber))
    }
  })
})

export const layer = Layer.scoped(AgentRegistrar, make)
