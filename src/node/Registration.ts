/** `node.register`, first and repeated, and the heartbeat: what this node says of itself. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { LinkLost, NodeIdMismatch, type NodeRequestRefused, type NodeRequestTimeout } from "../domain/Errors.ts"
import type { Outbound } from "../wire/Outbound.ts"
import { loadOf } from "./NodeDescriptor.ts"
import type { SessionContext } from "./SessionContext.ts"

const RegisterData = Schema.Struct({
  id: Schema.optionalWith(Schema.String, { nullable: true, exact: true })
})
const decodeRegisterData = Schema.decodeUnknownEither(RegisterData)

export const makeRegistration = (context: SessionContext) =>
  Effect.gen(function* () {
    const { connection, memory, nodeId, nodeName, request, send, timing } = context
    // Two manifests on their way at once could be handled in either order.
    const oneAtATime = yield* Effect.makeSemaphore(1)

    const registerFrame = (id: string): Outbound => {
      const { capabilities, maxAgents, tags, version } = memory.descriptor
      return {
        v: 1,
        type: "node.register",
        id,
        name: nodeName,
        node_id: nodeId,
        capabilities,
        max_agents: maxAgents,
        tags,
        version
      }
    }

    const register: Effect.Effect<unknown, LinkLost | NodeRequestRefused | NodeRequestTimeout> = Effect.suspend(() =>
      request("node.register", nodeName, timing.registerDeadlineMillis, registerFrame)
    ).pipe(oneAtATime.withPermits(1))

    /** Registered already: a new manifest, or a trigger for a replay. The engine then guesses `handlers_live`, so a heartbeat follows. */
    const again = Effect.zipLeft(register, memory.beats.offer())

    const first = Effect.gen(function* () {
      const data = yield* register.pipe(
        Effect.catchTag("NodeRequestTimeout", (error) => Effect.fail(new LinkLost({ reason: error.message })))
      )
      const reply = decodeRegisterData(data)
      if (Either.isRight(reply) && reply.right.id !== undefined && reply.right.id !== nodeId) {
        return yield* new NodeIdMismatch({ nodeName, expected: nodeId, actual: reply.right.id })
      }
    })

    const heartbeat = Effect.gen(function* () {
      const active = (yield* context.workers).length
      const { capabilities, maxAgents, version } = memory.descriptor
      const { draining } = memory
      yield* send(
        {
          v: 1,
          type: "node.heartbeat",
          load: draining ? 1 : loadOf(active, maxAgents),
          active_agents: active,
          handlers_live: !draining && capabilities.length > 0,
          name: nodeName,
          node_id: nodeId,
          capabilities,
          // 0 would be "unlimited"; as many as there are is "full".
          max_agents: draining ? Math.max(active, 1) : maxAgents,
          version
        },
        "urgent"
      )
    })

    const heartbeats = Effect.gen(function* () {
      yield* heartbeat
      yield* connection.ping
      yield* Effect.raceFirst(Effect.ignore(memory.beats.take), Effect.sleep(timing.heartbeatEveryMillis))
    }).pipe(Effect.forever)

    return { first, again, heartbeats }
  })

export type Registration = Effect.Effect.Success<ReturnType<typeof makeRegistration>>
