/**
 * `/api/fleet/ws`: one sidecar per socket. Frames are read in order; what the hub answers takes no time, what
 * other rooms answer runs beside it, so that a handler can ask for something while its own invocation is open.
 *
 * Bounds: a frame, 2 MiB (the socket is closed beyond it, 1009) · frames that are not read yet, 256, then the socket is
 * paused · requests in progress, 256, then `too_many_requests` · unsent bytes, 8 MiB, then the sidecar is dropped, as is
 * one that answered no ping for 40 s.
 */

import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { RawData, WebSocket } from "ws"
import { Actions } from "../../agents/Actions.ts"
import { Subscriptions } from "../../agents/Subscriptions.ts"
import { Broker } from "../../broker/Broker.ts"
import { SidecarRefused } from "../../domain/Errors.ts"
import * as FifoLock from "../../domain/FifoLock.ts"
import { isRecord, type Json } from "../../domain/Json.ts"
import { isControl, type Payload, type ServiceRequest } from "../../sidecar/Frames.ts"
import * as Protocol from "../../sidecar/Protocol.ts"
import { type SidecarConnection, SidecarHub } from "../../sidecar/SidecarHub.ts"
import { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import { unknownWorker } from "../agents/findWorker.ts"
import { listAgents } from "../agents/handlers.ts"
import { makeSpawner } from "../agents/spawn.ts"
import { writeInput } from "../agents/terminal.ts"
import { SpawnBody } from "../Bodies.ts"
import type { Reply } from "../http/Reply.ts"
import { decodeBody } from "../http/requestBody.ts"
import type { SocketRoute } from "../http/upgrade.ts"
import { makeSender } from "../messages/handlers.ts"

// What a sidecar asks the broker for: the same spawn, send, release and so on as over HTTP, with the same results
// and the same sentences when they are refused.

const bodyText = ({ body }: Reply): string => (body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : "")

/** What an HTTP client would have been told, with the one code that sidecars know. */
const refusalOf = (reply: Reply): SidecarRefused => {
  const text = bodyText(reply)
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

type FleetRequests = (request: ServiceRequest) => Effect.Effect<Json, SidecarRefused>

const makeFleetRequests: Effect.Effect<
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

// Work in the order of arrival where it has the same key, side by side where it has not.

interface Lanes {
  /** `undefined`: nothing is waited for. */
  readonly within: <A, E, R>(key: string | undefined, self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** Holds memory only for keys in use. */
const makeLanes = (): Lanes => {
  const lanes = new Map<string, { readonly lock: FifoLock.FifoLock; users: number }>()
  return {
    within: (key, self) =>
      key === undefined
        ? self
        : Effect.acquireUseRelease(
            Effect.sync(() => {
              const lane = lanes.get(key) ?? { lock: FifoLock.make(), users: 0 }
              lane.users += 1
              lanes.set(key, lane)
              return lane
            }),
            ({ lock }) => lock.withLock(self),
            (lane) =>
              Effect.sync(() => {
                lane.users -= 1
                if (lane.users === 0) lanes.delete(key)
              })
          )
  }
}

export const fleetPath = "/api/fleet/ws"

const unreadLimit = 256
const openLimit = 256
const unsentLimit = 8 << 20
const pingEvery = Duration.seconds(10)
const silentAfterMillis = 4 * Duration.toMillis(pingEvery)

const tooMany = new SidecarRefused({
  code: "too_many_requests",
  reason: `${openLimit} requests are in progress`,
  retryable: true
})
/** It says nothing about the cause: the log does. */
const internal = new SidecarRefused({ code: "internal_error", reason: "internal error", retryable: false })
const notText = Protocol.unreadable({ requestId: null, code: "invalid_frame", reason: "binary frames are not read" })

const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? Buffer.from(data) : data).toString("utf8")

/** What survives the socket: half a release helps nobody, and what was sent is sent. A spawn goes with who asked for it. */
const outlives = ({ type }: ServiceRequest): boolean => type !== "spawn_agent"

interface Served {
  readonly connection: SidecarConnection
  readonly send: (text: string) => Effect.Effect<void>
  readonly requests: FleetRequests
  /** Fibers of the API, and of this socket. */
  readonly runLong: (effect: Effect.Effect<void>) => void
  readonly run: (effect: Effect.Effect<void>) => void
}

const makeReader = ({ connection, requests, run, runLong, send }: Served) => {
  const lanes = makeLanes()
  let open = 0

  const answered = (requestId: Protocol.RequestId, work: ReturnType<FleetRequests>): Effect.Effect<void> =>
    Effect.matchEffect(work, {
      onSuccess: (result) => send(Protocol.ok(requestId, result)),
      onFailure: (error) => send(Protocol.error(requestId, error))
    }).pipe(
      // A bug of ours: whoever asked must not wait for ever.
      Effect.tapDefect((cause) => Effect.logError("a request of the sidecar failed", cause)),
      Effect.catchAllDefect(() => send(Protocol.error(requestId, internal)))
    )

  const serve = (requestId: Protocol.RequestId, request: ServiceRequest): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (open >= openLimit) return send(Protocol.error(requestId, tooMany))
      open += 1
      const work = answered(requestId, lanes.within(laneOf(request), requests(request))).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            open -= 1
          })
        )
      )
      return Effect.sync(() => (outlives(request) ? runLong : run)(work))
    })

  return (text: string): Effect.Effect<void> => {
    const envelope = Protocol.decode(text)
    if (Either.isLeft(envelope)) return send(Protocol.unreadable(envelope.left))
    const { request, requestId } = envelope.right
    return isControl(request) ? answered(requestId, connection.control(request)) : serve(requestId, request)
  }
}

export const makeFleetSocket: Effect.Effect<
  SocketRoute,
  never,
  SidecarHub | Effect.Effect.Context<typeof makeFleetRequests> | Scope.Scope
> = Effect.gen(function* () {
  const hub = yield* SidecarHub
  const requests = yield* makeFleetRequests
  const runSocket = yield* FiberSet.makeRuntime<never>()

  const accept = (socket: WebSocket) =>
    Effect.gen(function* () {
      const received = yield* Mailbox.make<string>()
      const clock = yield* Effect.clock
      let unread = 0
      let lastPongMillis = clock.unsafeCurrentTimeMillis()
      socket.on("error", () => socket.terminate())
      socket.on("close", () => received.unsafeDone(Exit.void))
      socket.on("pong", () => {
        lastPongMillis = clock.unsafeCurrentTimeMillis()
      })
      const sendNow = (text: string) => {
        if (socket.readyState !== socket.OPEN) return
        if (socket.bufferedAmount > unsentLimit) socket.terminate()
        else socket.send(text)
      }
      const send = (text: string) => Effect.sync(() => sendNow(text))
      socket.on("message", (data: RawData, isBinary: boolean) => {
        if (isBinary) return sendNow(notText)
        unread += 1
        if (unread > unreadLimit) socket.pause()
        received.unsafeOffer(textOf(data))
      })
      const connection = yield* hub.connect({ send })
      const run = yield* FiberSet.makeRuntime<never>()
      const read = makeReader({
        connection,
        send,
        requests,
        runLong: (effect) => void runSocket(effect),
        run: (effect) => void run(effect)
      })

      const frames = Effect.gen(function* () {
        yield* read(yield* received.take)
        unread -= 1
        if (unread <= unreadLimit && socket.isPaused) socket.resume()
      }).pipe(
        Effect.forever,
        // The socket is closed: the mailbox ended.
        Effect.catchTag("NoSuchElementException", () => Effect.void)
      )
      const pings = Effect.gen(function* () {
        yield* Effect.sleep(pingEvery)
        if ((yield* Clock.currentTimeMillis) - lastPongMillis > silentAfterMillis) socket.terminate()
        else if (socket.readyState === socket.OPEN) socket.ping()
      }).pipe(Effect.forever)

      yield* Effect.raceFirst(frames, pings).pipe(Effect.ensuring(connection.lost))
    }).pipe(Effect.scoped)

  return () => (socket) => void runSocket(accept(socket))
})
