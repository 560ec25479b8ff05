/**
 * An agent's identity without the node socket: HTTP register and bind. A name that exists is taken over only when nobody
 * uses it: the token of an active agent is never rotated, unless it is active on this very node, which means by a register
 * of ours whose answer did not come.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Alerts } from "../alerts/Alerts.ts"
import { AgentLocationConflict, BindFailed, EngineUnavailable } from "../domain/Errors.ts"
import type { AgentName } from "../domain/Ids.ts"
import { type AgentToken, EngineApi, type EngineError } from "../engine/EngineApi.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import { NodeTokens } from "../node/NodeTokens.ts"
import type { RegisterRequest, Registration } from "./AgentRegistrar.ts"
import type { Undos } from "./Undos.ts"

export const makeOverHttp = (undos: Undos) =>
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
