/** `NodeControl` over `NodeLink`: the keeper's session, and what the rest of the broker asks of it. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { Alerts } from "../alerts/Alerts.ts"
import { ConfigInvalid } from "../domain/Errors.ts"
import { NodeIdentity } from "../identity/NodeIdentity.ts"
import { makeAgentRequests } from "./AgentRequests.ts"
import { AwakeTime } from "./AwakeTime.ts"
import { mayAck, naming } from "./Naming.ts"
import { NodeControl } from "./NodeControl.ts"
import { type NodeDescriptor, reservedCapability } from "./NodeDescriptor.ts"
import { makeNodeMemory } from "./NodeMemory.ts"
import { makeSessionKeeper } from "./SessionKeeper.ts"
import { defaultTiming, type SessionTiming } from "./SessionTiming.ts"

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
