/**
 * WebSocket upgrades. A socket is opened only for a known path, with the key and a good query; every other upgrade is
 * answered as the plain request it also is, so that refusals look the same on both ways in.
 */
import { type IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type WebSocket, WebSocketServer } from "ws"
import type { ApiHandlers } from "../../broker/ApiListener.ts"
import { entryFor, pathOf } from "./routeTable.ts"
import type { KeyHeaders } from "./security.ts"

/** Takes over an open socket; `undefined` when the request is not for it, or asks for something impossible. */
export type SocketRoute = (request: IncomingMessage) => ((socket: WebSocket) => void) | undefined

/** Bytes of one frame from a client. Terminal input is the largest thing that a client has to say. */
const maxPayload = 2 << 20

/** Open sockets of all routes together. Each may hold some MiB of unsent events. */
export const mostSockets = 256

const refuseBusy = (socket: Duplex) =>
  socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n")

const isWebSocket = (request: IncomingMessage) =>
  request.method === "GET" && request.headers.upgrade?.toLowerCase() === "websocket"

/** An upgrade has left the HTTP server's hands: its answer needs a response object of its own. */
const answerPlain = (handlers: Pick<ApiHandlers, "request">, request: IncomingMessage, socket: Duplex) => {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket as Socket)
  response.on("finish", () => socket.end())
  handlers.request(request, response)
}

/** Says goodbye to every socket and ends those that do not answer: a forgotten one would hold the listener open. */
const closeAll = (server: WebSocketServer) =>
  Effect.async<void>((resume) => {
    const open = new Set(server.clients)
    const closed = (socket: WebSocket) => {
      open.delete(socket)
      if (open.size === 0) resume(Effect.void)
    }
    if (open.size === 0) return resume(Effect.void)
    for (const socket of open) {
      socket.once("close", () => closed(socket))
      socket.close(1001, "broker stops")
    }
  }).pipe(
    Effect.interruptible,
    Effect.timeoutOption("500 millis"),
    Effect.zipRight(
      Effect.sync(() => {
        for (const socket of server.clients) socket.terminate()
      })
    )
  )

export const makeUpgrade = (o: {
  /** Whether a request may become a socket; one that may not is answered as a plain one. */
  readonly admits: (path: string, headers: KeyHeaders) => boolean
  readonly routes: ReadonlyMap<string, SocketRoute>
  readonly plain: Pick<ApiHandlers, "request">
}): Effect.Effect<ApiHandlers["upgrade"], never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload })),
      closeAll
    ),
    (server) => (request, socket, head) => {
      const path = pathOf(request.url ?? "")
      const route = isWebSocket(request) && o.admits(path, request.headers) ? entryFor(o.routes, path) : undefined
      const takeOver = route?.(request)
      if (takeOver === undefined) return answerPlain(o.plain, request, socket)
      if (server.clients.size >= mostSockets) return refuseBusy(socket)
      server.handleUpgrade(request, socket, head, takeOver)
    }
  )
