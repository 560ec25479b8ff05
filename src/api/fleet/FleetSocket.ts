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
import type * as Scope from "effect/Scope"
import type { RawData, WebSocket } from "ws"
import { SidecarRefused } from "../../domain/errors/Sidecar.ts"
import { isControl, type ServiceRequest } from "../../sidecar/Frames.ts"
import * as Protocol from "../../sidecar/Protocol.ts"
import { type SidecarConnection, SidecarHub } from "../../sidecar/SidecarHub.ts"
import { type FleetRequests, laneOf, makeFleetRequests } from "../FleetRequests.ts"
import type { SocketRoute } from "../http/upgrade.ts"
import { makeLanes } from "../lanes.ts"

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
