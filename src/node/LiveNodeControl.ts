/** `NodeControl` over `NodeLink`: the keeper's session, and what the rest of the broker asks of it. */

import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Alerts } from "../alerts/Alerts.ts"
import { AgentLocationConflict, ConfigInvalid, NodeRequestRefused } from "../domain/Errors.ts"
import { AgentId } from "../domain/Ids.ts"
import { NodeIdentity } from "../identity/NodeIdentity.ts"
import { AwakeTime } from "./AwakeTime.ts"
import { mayAck, naming } from "./Naming.ts"
import { NodeControl, type RegisterAgent } from "./NodeControl.ts"
import { type NodeDescriptor, reservedCapability } from "./NodeDescriptor.ts"
import { makeNodeMemory, type NodeMemory } from "./NodeMemory.ts"
import { makeSessionKeeper, type SessionKeeper } from "./SessionKeeper.ts"
import { defaultTiming, type SessionTiming } from "./SessionTiming.ts"

// `agent.register` and `agent.deregister` over the session, and what is remembered of their answers.

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

export interface NodeControlOptions {
  readonly descriptor: NodeDescriptor
  /** For tests on real sockets. */
  readonly timing?: Partial<SessionTiming>
}

const make = (options: NodeControlOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const { nodeId } = yield* NodeIdentity
    const timing = { ...defaultTiming, ...options.timing }
    const memory = yield* makeNodeMemory(options.descriptor)
    const keeper = yield* makeSessionKeeper({ memory, timing })
    const { advance, readySession } = keeper
    const fiber = yield* Effect.forkScoped(keeper.keep)
    const beat = Effect.asVoid(memory.beats.offer())

    const result: NodeControl["Type"]["result"] = (o) =>
      Effect.gen(function* () {
        const { send } = yield* readySession
        const head = { v: 1, type: "action.result", invocation_id: o.invocationId } as const
        yield* send("error" in o ? { ...head, error: o.error } : { ...head, output: o.output })
        memory.lastResultMillis = yield* Clock.currentTimeMillis
      })

    const declare: NodeControl["Type"]["declare"] = (manifest) =>
      Effect.gen(function* () {
        const reserved = manifest.capabilities.find(({ name }) => reservedCapability(name))
        if (reserved !== undefined) {
          const reason = `"${reserved.name}" would capture that name for the whole workspace`
          return yield* new ConfigInvalid({ source: "capabilities", reason })
        }
        const before = memory.descriptor
        memory.descriptor = { ...before, ...manifest }
        yield* readySession.pipe(
          Effect.flatMap((session) => session.registerAgain),
          Effect.tapErrorTag("NodeRequestRefused", () =>
            // A manifest that the engine does not take would keep the next session from being registered.
            Effect.sync(() => {
              if (memory.descriptor.capabilities === manifest.capabilities) memory.descriptor = before
            })
          ),
          // The next register says it.
          Effect.catchTags({
            LinkLost: (error) => Effect.logDebug(`capabilities will be declared later: ${error.message}`),
            NodeRequestTimeout: (error) => Effect.logWarning(error.message)
          })
        )
      })

    const leave = Effect.flatMap(keeper.session, ({ send }) => send({ v: 1, type: "node.deregister" }, "urgent")).pipe(
      Effect.timeout("1 second"),
      // Away already: nothing to leave.
      Effect.catchTags({
        LinkLost: (error) => Effect.logDebug(error.message),
        TimeoutException: () => Effect.logWarning("node.deregister could not be written in time")
      })
    )

    return NodeControl.of({
      ...makeAgentRequests({ alerts, keeper, memory, timing }),
      frames: memory.frames,
      lateRegistrations: memory.lateRegistrations,
      view: Effect.sync(() => {
        const { attempt, rejections, sinceMillis, state } = keeper.machine()
        return {
          state,
          sinceMillis,
          attempt,
          rejections,
          history: keeper.history(),
          lost: keeper.lost(),
          capabilities: memory.descriptor.capabilities.map(({ name }) => name),
          nodeId,
          nodeName: keeper.nodeName(),
          sessions: memory.accepted,
          framesIn: Object.fromEntries(memory.framesIn),
          framesOut: Object.fromEntries(memory.framesOut),
          malformedFrames: memory.malformed
        }
      }),
      awaitReady: (withinMillis) =>
        keeper.awaitReady.pipe(Effect.timeoutFail({ duration: withinMillis, onTimeout: () => keeper.notReady() })),
      ack: ({ agent, agentId, upToSeq }) =>
        Effect.flatMap(readySession, ({ send }) => {
          const may = mayAck(memory, agent, agentId)
          return may === "sent"
            ? Effect.as(send({ v: 1, type: "delivery.ack", agent, up_to_seq: upToSeq }), may)
            : Effect.succeed(may)
        }),
      naming: (name, register) => naming(memory, name, register),
      result,
      requestReplay: keeper.session.pipe(
        Effect.flatMap((session) => session.requestReplay),
        Effect.orElseSucceed(() => false)
      ),
      invocationOpened: (id) =>
        Effect.map(
          Clock.currentTimeMillis,
          (now) => void memory.openInvocations.set(id, memory.openInvocations.get(id) ?? now)
        ),
      invocationClosed: (id) => Effect.sync(() => void memory.openInvocations.delete(id)),
      beat,
      declare,
      reconnect: keeper.nudge,
      drain: (untilMillis) => Effect.zipRight(advance({ _tag: "DrainAsked", untilMillis }), beat),
      stop: leave.pipe(
        Effect.zipRight(Fiber.interrupt(fiber)),
        Effect.zipRight(advance({ _tag: "StopAsked", reason: "shutdown" }))
      )
    })
  })

export const layer = (options: NodeControlOptions) =>
  Layer.scoped(NodeControl, make(options)).pipe(Layer.provide(AwakeTime.layer))
