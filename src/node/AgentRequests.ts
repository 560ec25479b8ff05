/** `agent.register` and `agent.deregister` over the session, and what is remembered of their answers. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Alerts } from "../alerts/Alerts.ts"
import { AgentLocationConflict, NodeRequestRefused } from "../domain/Errors.ts"
import { AgentId } from "../domain/Ids.ts"
import type { NodeControl, RegisterAgent } from "./NodeControl.ts"
import type { NodeMemory } from "./NodeMemory.ts"
import type { SessionKeeper } from "./SessionKeeper.ts"
import type { SessionTiming } from "./SessionTiming.ts"

const AgentReply = Schema.Struct({
  agent_id: AgentId,
  token: Schema.NonEmptyString,
  name: Schema.optionalWith(Schema.String, { nullable: true, exact: true }),
  delivery_ack_seq: Schema.optionalWith(Schema.Int, { nullable: true, exact: true })
})
const decodeAgentReply = Schema.decodeUnknownEither(AgentReply)

export const makeAgentRequests = (o: {
  readonly alerts: Alerts["Type"]
  readonly keeper: SessionKeeper
  readonly memory: NodeMemory
  readonly timing: SessionTiming
}): Pick<NodeControl["Type"], "registerAgent" | "deregisterAgent"> => {
  const { alerts, keeper, memory, timing } = o

  /** Whoever has the name from now on is here. */
  const isHere = (name: RegisterAgent["name"]) =>
    Effect.suspend(() =>
      memory.elsewhere.delete(name)
        ? memory.frames.offer({ _tag: "AgentPlace", agent: name, elsewhere: false })
        : Effect.succeed(true)
    ).pipe(Effect.zipRight(alerts.resolve("AgentLocationConflict", name)))

  const registerAgent = Effect.fn("NodeControl.registerAgent")(function* (agent: RegisterAgent) {
    const { requests, send } = yield* keeper.readySession
    const data = yield* requests
      .run({
        type: "agent.register",
        subject: agent.name,
        deadlineMillis: timing.agentDeadlineMillis,
        transmit: (id) =>
          send({
            v: 1,
            type: "agent.register",
            id,
            name: agent.name,
            ...(agent.invocationId === undefined ? {} : { invocation_id: agent.invocationId }),
            ...(agent.sessionRef === undefined ? {} : { session_ref: agent.sessionRef }),
            ...(agent.resumable === undefined ? {} : { resumable: agent.resumable })
          })
      })
      .pipe(
        Effect.catchTag("NodeRequestRefused", (error) =>
          Effect.fail(
            error.code === "agent_location_conflict" ? new AgentLocationConflict({ agent: agent.name }) : error
          )
        )
      )
    const refused = (code: string, reason: string) =>
      new NodeRequestRefused({ request: "agent.register", code, reason })
    const reply = decodeAgentReply(data)
    if (Either.isLeft(reply)) return yield* refused("invalid_reply", "no agent id or token")
    const { agent_id, delivery_ack_seq, name, token } = reply.right
    if (name !== undefined && name !== agent.name) return yield* refused("name_mismatch", `answered for "${name}"`)
    yield* isHere(agent.name)
    return { agentId: agent_id, token: Redacted.make(token), ackedSeq: delivery_ack_seq }
  })

  const deregisterAgent: NodeControl["Type"]["deregisterAgent"] = ({ agentId, name }) =>
    // Whoever gets the name next is listed again, also when it comes over HTTP.
    isHere(name).pipe(
      Effect.zipRight(keeper.readySession),
      Effect.flatMap(({ send }) => send({ v: 1, type: "agent.deregister", agent_id: agentId, name }))
    )

  return { registerAgent, deregisterAgent }
}
