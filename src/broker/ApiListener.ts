/**
 * The local API's socket: bound first, answering 503 until the real API takes over on the same port.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import type { Duplex } from "node:stream"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { PortInUse } from "../domain/Errors.ts"

export interface ApiHandlers {
  readonly request: (request: IncomingMessage, response: ServerResponse) => void
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

export interface ApiListener {
  readonly port: number
  /** Host part as given with `--api-bind`, port as bound. */
  readonly url: string
  /** Replaces the start-up answers. */
  readonly serve: (handlers: ApiHandlers) => Effect.Effect<void>
}

/** Plain text: published clients wait only while the error text says 503 or "Service Unavailable". */
const starting = (health: () => string): ApiHandlers => ({
  request: (request, response) => {
    request.resume()
    const isHealth = request.method === "GET" && request.url?.split("?", 1)[0] === "/health"
    response.setHeader("connection", "close")
    if (isHealth) response.writeHead(200, { "content-type": "application/json" }).end(health())
    else
      response.writeHead(503, { "content-type": "text/plain; charset=utf-8" }).end("Broker is starting, please retry")
  },
  upgrade: (_request, socket) => {
    socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
  }
})

/** Milliseconds; in the names of Node. */
export interface ListenerTimeouts {
  /** From the connection to the end of the headers. */
  readonly headersTimeout: number
  /** From the connection to the end of the body; the answer may take longer. */
  readonly requestTimeout: number
  /** How often both are looked at. */
  readonly connectionsCheckingInterval: number
}

const timeouts: ListenerTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000
}

/** Beyond them new ones are dropped at once; those that say nothing go after `headersTimeout` and make room. */
const mostConnections = 4_096

const statusOf = ({ code }: NodeJS.ErrnoException) =>
  code === "ERR_HTTP_REQUEST_TIMEOUT"
    ? "408 Request Timeout"
    : code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : "400 Bad Request"

const isHandshake = ({ headers, method }: IncomingMessage) =>
  method === "GET" && headers.upgrade?.toLowerCase() === "websocket"

/** How long a peer may keep its side open once ours has ended; Node itself would wait for ever. */
const halfOpenMillis = 1_000

const hopByHop = new Set(["upgrade", "http2-settings", "connection"])

/**
 * The offer of another protocol, as some clients make with every request (HTTP/2), is not taken; but Node leaves the body of
 * a request that makes one unread. So the request is read once more, without the offer.
 */
const replay = (server: Server, request: IncomingMessage, socket: Socket, head: Buffer) => {
  const { headers, httpVersion, method, rawHeaders, url } = request
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (!hopByHop.has(rawHeaders[at]!.toLowerCase())) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  }
  if (/\bclose\b/i.test(headers.connection ?? "")) lines.push("Connection: close")
  // That of a connection that waits for its next request.
  socket.setTimeout(0)
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]))
  server.emit("connection", socket)
}

const hostForUrl = (host: string) => (host.includes(":") && !host.startsWith("[") ? `[${host}]` : host)

const listen = (server: Server, host: string, port: number) =>
  Effect.async<AddressInfo, PortInUse>((resume) => {
    const failed = (error: NodeJS.ErrnoException) =>
      resume(Effect.fail(new PortInUse({ address: host, port, reason: error.message })))
    server.once("error", failed)
    server.listen({ host, port }, () => {
      server.off("error", failed)
      resume(Effect.succeed(server.address() as AddressInfo))
    })
  })

/** `startingHealth` is the body of `GET /health` until `serve` is called. The scope's end drops every connection. */
export const bind = (o: {
  readonly host: string
  readonly port: number
  readonly startingHealth: () => string
  readonly timeouts?: Partial<ListenerTimeouts>
}): Effect.Effect<ApiListener, PortInUse, Scope.Scope> =>
  Effect.gen(function* () {
    let handlers = starting(o.startingHealth)
    /** The last answer on each connection; those before it have been given when it has. */
    const answers = new WeakMap<Duplex, ServerResponse>()
    const server = createServer({ ...timeouts, ...o.timeouts }, (request, response) => {
      answers.set(request.socket, response)
      handlers.request(request, response)
    })
    server.maxConnections = mostConnections
    /** All of them: the server forgets those that became WebSockets, were refused as such, or wait for it. */
    const open = new Set<Duplex>()
    server.on("connection", (socket) => {
      if (open.has(socket)) return // read once more
      open.add(socket)
      socket.once("close", () => open.delete(socket))
    })
    server.on("upgrade", (request, socket, head) => {
      const fail = () => socket.destroy()
      socket.on("error", fail)
      const proceed = () => {
        if (socket.destroyed) return
        if (isHandshake(request)) {
          socket.once("finish", () => setTimeout(() => socket.destroy(), halfOpenMillis).unref())
          return handlers.upgrade(request, socket, head)
        }
        socket.off("error", fail)
        replay(server, request, socket as Socket, head)
      }
      const answer = answers.get(socket)
      // It came behind a request that is still being answered: a connection has one answer at a time.
      if (answer === undefined || answer.closed) proceed()
      else answer.once("close", proceed)
    })
    server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      if (!socket.writable) return socket.destroy()
      socket.end(`HTTP/1.1 ${statusOf(error)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
        socket.destroy()
      )
    })
    const address = yield* Effect.acquireRelease(listen(server, o.host, o.port), () =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
        for (const socket of open) socket.destroy()
      })
    )
    return {
      port: address.port,
      url: `http://${hostForUrl(o.host)}:${address.port}`,
      serve: (next) =>
        Effect.sync(() => {
          handlers = next
        })
    }
  })
