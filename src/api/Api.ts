/**
 * The local HTTP and WebSocket API on a socket that is already bound. Loaded when the broker is up: what it imports
 * is heavy. `attach` takes the socket over; when its scope ends, sockets are closed and requests are refused with 503.
 */

import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { Actions } from "../agents/Actions.ts"
import { AgentTally } from "../agents/AgentTally.ts"
import type { AgentWatch } from "../agents/AgentWatch.ts"
import * as Continuity from "../agents/Continuity.ts"
import type { Preflight } from "../agents/Preflight.ts"
import type { ResultTokens } from "../agents/ResultTokens.ts"
import type { Subscriptions } from "../agents/Subscriptions.ts"
import { Alerts } from "../alerts/Alerts.ts"
import type { ApiHandlers, ApiListener } from "../broker/ApiListener.ts"
import type { Broker } from "../broker/Broker.ts"
import type { Deliveries } from "../delivery/Deliveries.ts"
import type { Outbox } from "../delivery/Outbox.ts"
import { SendHistory } from "../delivery/SendHistory.ts"
import { ApiExposed } from "../domain/Errors.ts"
import type { EngineApi } from "../engine/EngineApi.ts"
import type { Events } from "../events/Events.ts"
import type { Hooks } from "../harness/Hooks.ts"
import type { NodeControl } from "../node/NodeControl.ts"
import type { SidecarHub } from "../sidecar/SidecarHub.ts"
import type { Store } from "../store/Store.ts"
import type { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { layerAgents, layerControl, layerResult } from "./agents/handlers.ts"
import { inputStreamPath, makeInputStream } from "./agents/inputStream.ts"
import { layerTerminal } from "./agents/terminal.ts"
import { layerBroker, layerNode, layerObservability } from "./broker/handlers.ts"
import { layerDeliveries } from "./deliveries/handlers.ts"
import { EventStream, readSinceSeq } from "./events/EventStream.ts"
import { fleetPath, makeFleetSocket } from "./fleet/FleetSocket.ts"
import { layerHooks } from "./hooks/handlers.ts"
import { guard, isLoopback, keyChecker, makeGate, type OriginPolicy } from "./http/security.ts"
import { makeUpgrade, type SocketRoute } from "./http/upgrade.ts"
import { layerInsights } from "./insights/handlers.ts"
import { layerActions } from "./invocations/handlers.ts"
import { LocalApi } from "./LocalApi.ts"
import { layerMessages } from "./messages/handlers.ts"

export interface ApiOptions {
  readonly apiKey: Redacted.Redacted<string>
  /** Where agents' notes for their successors are kept; nothing is without it. */
  readonly continuityDir?: string
  /** Where the API listens and under which further names; loopback and none when absent. */
  readonly origins?: OriginPolicy
  /** Further WebSocket routes by path (`:name` is any segment), behind the same key. */
  readonly sockets?: ReadonlyMap<string, SocketRoute>
}

export type ApiServices =
  | Actions
  | Alerts
  | Broker
  | Deliveries
  | EngineApi
  | Events
  | Hooks
  | NodeControl
  | Outbox
  | AgentWatch
  | Preflight
  | ResultTokens
  | SidecarHub
  | Store
  | Subscriptions
  | WorkerRegistry

const layer = (o: ApiOptions) =>
  HttpApiBuilder.api(LocalApi).pipe(
    Layer.provide([
      layerAgents,
      layerBroker,
      layerControl,
      layerDeliveries,
      layerHooks,
      layerInsights,
      layerMessages,
      layerObservability,
      layerNode,
      layerActions,
      layerResult,
      layerTerminal
    ]),
    Layer.provide(AgentTally.layer),
    Layer.provideMerge(Layer.merge(SendHistory.layer, Continuity.layer(o.continuityDir))),
    Layer.provideMerge(EventStream.layer),
    Layer.provideMerge(
      Layer.mergeAll(HttpApiBuilder.Router.Live, HttpApiBuilder.Middleware.layer, HttpServer.layerContext)
    )
  )

/** The router's own defaults overlook a trailing slash and do not match names of more than 100 characters. */
const routing = { caseSensitive: true, ignoreDuplicateSlashes: false, ignoreTrailingSlash: false, maxParamLength: 8192 }

const stopping: ApiHandlers = {
  request: (request, response) => {
    request.resume()
    response.setHeader("connection", "close")
    response.writeHead(503, { "content-type": "text/plain; charset=utf-8" }).end("Broker is stopping")
  },
  upgrade: (_request, socket) => {
    socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
  }
}

const eventRoute =
  (stream: EventStream["Type"]): SocketRoute =>
  (request) => {
    const since = readSinceSeq(request.url ?? "")
    return Either.isLeft(since) ? undefined : (socket) => stream.accept(socket, since.right, request.socket)
  }

/** One subject for all addresses: what a start says of it replaces what the last one said. */
const watchExposure = (url: string, { bind }: OriginPolicy) =>
  Effect.flatMap(Alerts, (alerts) =>
    isLoopback(bind) ? alerts.resolve("ApiExposed", "api") : alerts.raise(new ApiExposed({ url }), "api")
  )

export const attach = (
  listener: ApiListener,
  options: ApiOptions
): Effect.Effect<void, never, ApiServices | Scope.Scope> =>
  Effect.gen(function* () {
    const origins = options.origins ?? { bind: "127.0.0.1", allowedHosts: [] }
    const gate = makeGate({ hasKey: keyChecker(options.apiKey), origins })
    yield* watchExposure(listener.url, origins)
    const services = yield* Layer.build(HttpApiBuilder.middleware(guard(gate)).pipe(Layer.provideMerge(layer(options))))
    yield* Effect.gen(function* () {
      const app = yield* HttpRouter.withRouterConfig(HttpApiBuilder.httpApp, routing)
      const request = yield* NodeHttpServer.makeHandler(app)
      const routes = new Map([
        ["/ws", eventRoute(yield* EventStream)],
        [inputStreamPath, yield* makeInputStream],
        [fleetPath, yield* makeFleetSocket],
        ...(options.sockets ?? [])
      ])
      const upgrade = yield* makeUpgrade({
        admits: (path, headers) => gate(path, headers) === undefined,
        routes,
        plain: { request }
      })
      yield* listener.serve({ request, upgrade })
      yield* Effect.addFinalizer(() => listener.serve(stopping))
    }).pipe(Effect.provide(services))
  })
