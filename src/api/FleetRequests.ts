/**
 * What a sidecar asks the broker for: the same spawn, send, release and so on as over HTTP, with the same results
 * and the same sentences when they are refused.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { Actions } from "../agents/Actions.ts"
import { Subscriptions } from "../agents/Subscriptions.ts"
import { Broker } from "../broker/Broker.ts"
import { SidecarRefused } from "../domain/errors/Sidecar.ts"
import { isRecord, type Json } from "../domain/Json.ts"
import type { Payload, ServiceRequest } from "../sidecar/Frames.ts"
import { SidecarHub } from "../sidecar/SidecarHub.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { unknownWorker } from "./agents/findWorker.ts"
import { listAgents } from "./agents/handlers.ts"
import { makeSpawner } from "./agents/spawn.ts"
import { writeInput } from "./agents/terminal.ts"
import { SpawnBody } from "./Bodies.ts"
import type { Reply } from "./http/Reply.ts"
import { decodeBody } from "./http/requestBody.ts"
import { makeSender } from "./messages/send.ts"

const textOf = ({ body }: Reply): string => (body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : "")

/** What an HTTP client would have been told, with the one code that sidecars know. */
export const refusalOf = (reply: Reply): SidecarRefused => {
  const text = textOf(reply)
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch {
    fields = undefined
  }
  const sentence = isRecord(fields) ? (fields["error"] ?? fields["message"]) : text
  return new SidecarRefused({
    code: "frame_failed",
    reason: typeof sentence === "string" ? sentence : text,
    retryable: isRecord(fields) && fields["retryable"] === true
  })
}

/** What has to keep its order: everything about one agent, and everything said to one channel. */
export const laneOf = ({ payload, type }: ServiceRequest): string | undefined => {
  const agent = (name: unknown) => (typeof name === "string" ? `agent ${name.trim().toLowerCase()}` : undefined)
  switch (type) {
    case "spawn_agent":
      return agent(payload.agent["name"])
    case "send_message":
      return payload.to.startsWith("#") ? `channel ${payload.to}` : agent(payload.to.replace(/^@/, ""))
    case "release_agent":
    case "send_input":
    case "subscribe_channels":
    case "unsubscribe_channels":
      return agent(payload.name)
    case "list_agents":
    case "shutdown":
      return undefined
  }
}

const isOver = (invocationId: string) =>
  new SidecarRefused({
    code: "frame_failed",
    reason: `invocation ${invocationId} is over: the spawn was undone`,
    retryable: false
  })

export type FleetRequests = (request: ServiceRequest) => Effect.Effect<Json, SidecarRefused>

export const makeFleetRequests: Effect.Effect<
  FleetRequests,
  never,
  | Effect.Effect.Context<typeof makeSpawner>
  | Effect.Effect.Context<typeof makeSender>
  | SidecarHub
  | Subscriptions
  | WorkerRegistry
  | Scope.Scope
> = Effect.gen(function* () {
  const actions = yield* Actions
  const broker = yield* Broker
  const hub = yield* SidecarHub
  const registry = yield* WorkerRegistry
  const subscriptions = yield* Subscriptions
  const spawnAs = yield* makeSpawner
  const send = yield* makeSender
  const write = writeInput(registry)
  const decodeSpawn = decodeBody(SpawnBody)
  const scope = yield* Effect.scope

  /** Its invocation may come back, here or on another node: an agent of one that nobody answered for must not stay. */
  const releaseUnlessAnswered = (name: string, invocationId: Parameters<typeof hub.awaitEnd>[0]) =>
    Effect.gen(function* () {
      const spawned = yield* registry.find(name)
      const end = yield* hub.awaitEnd(invocationId)
      const current = yield* registry.find(name)
      const same = Option.getOrUndefined(spawned) === Option.getOrUndefined(current)
      if (end === "answered" || end === undefined || !same) return
      yield* actions.release({ name, reason: `invocation ${invocationId} was not answered` })
    }).pipe(
      Effect.catchTag("UnknownWorker", () => Effect.void),
      Effect.forkIn(scope)
    )

  const spawn = (payload: Payload<"spawn_agent">): Effect.Effect<Json, SidecarRefused> => {
    const { agent, initial_task, invocation_id, skip_relay_prompt } = payload
    const body = decodeSpawn({
      ...agent,
      ...(initial_task === undefined ? {} : { task: initial_task }),
      ...(skip_relay_prompt === undefined ? {} : { skip_relay_prompt })
    })
    const origin = {
      source: "sidecar",
      ...(invocation_id === undefined ? {} : { invocationId: invocation_id })
    } as const
    const spawned = Effect.flatMap(body, (decoded) => spawnAs(decoded, origin)).pipe(Effect.mapError(refusalOf))
    if (invocation_id === undefined) return spawned
    const over = Effect.flatMap(hub.awaitEnd(invocation_id), (end) =>
      // A handler that answered without waiting wants its agent all the same.
      end === undefined || end === "answered" ? Effect.never : Effect.fail(isOver(invocation_id))
    )
    return Effect.raceFirst(spawned, over).pipe(Effect.tap(({ name }) => releaseUnlessAnswered(name, invocation_id)))
  }

  const subscribed = (name: string, change: ReturnType<Subscriptions["Type"]["subscribe"]>) =>
    change.pipe(
      Effect.map(({ channels, warnings }) => ({
        name,
        channels,
        ...(warnings.length === 0 ? {} : { warning: warnings.join("; ") })
      })),
      Effect.mapError(() => refusalOf(unknownWorker(name)))
    )

  return (request) => {
    switch (request.type) {
      case "spawn_agent":
        return spawn(request.payload)
      case "release_agent": {
        const { name, reason } = request.payload
        // As over HTTP, an agent that was never here is no failure.
        return actions.release({ name, reason }).pipe(
          Effect.catchTag("UnknownWorker", () => Effect.void),
          Effect.as({ success: true, name })
        )
      }
      case "list_agents":
        return Effect.map(listAgents(registry), (agents) => ({ agents }))
      case "send_input":
        return Effect.mapError(write(request.payload.name, request.payload.data, { human: false }), refusalOf)
      case "send_message":
        return Effect.mapError(send(request.payload), refusalOf)
      case "subscribe_channels":
        return subscribed(request.payload.name, subscriptions.subscribe(request.payload))
      case "unsubscribe_channels":
        return subscribed(request.payload.name, subscriptions.unsubscribe(request.payload))
      case "shutdown":
        return Effect.as(broker.requestShutdown("the sidecar asked for it"), { status: "shutting_down" })
    }
  }
})
