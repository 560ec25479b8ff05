/** The engine on a real port: HTTP, and the upgrade of `/v1/node/ws`. `/v1/ws` is refused with 401 and counted, anything else with 426. */
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type WebSocket, WebSocketServer } from "ws"
import { PortInUse } from "../../domain/Errors.ts"
import { answerHttp } from "./HttpDoor.ts"
import type { Core } from "./Model.ts"
import { admit, isRefusal, open, type ValidateFrame } from "./NodeSocket.ts"
import { bearer } from "./Workspaces.ts"

const maxBytes = 16 * 1024 * 1024

export interface Listening {
  readonly baseUrl: string
  readonly port: number
}

const refuseUpgrade = (
  socket: Duplex,
  status: number,
  o: { readonly retryAfter?: number | undefined; readonly body?: string } = {}
): void => {
  if (status === 0) return void socket.destroy()
  const body = o.body ?? ""
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}`,
    "Connection: close",
    ...(o.retryAfter === undefined ? [] : [`Retry-After: ${o.retryAfter}`]),
    ...(body === "" ? [] : ["Content-Type: text/plain", `Content-Length: ${Buffer.byteLength(body)}`]),
    "",
    body
  ]
  socket.end(lines.join("\r\n"), () => socket.destroy())
}

const headersOf = (request: IncomingMessage): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]]
    )
  )

const urlOf = (request: IncomingMessage): URL => new URL(request.url ?? "/", "http://engine")

const serveHttp = (core: Core, request: IncomingMessage, response: ServerResponse): void => {
  const chunks: Array<Buffer> = []
  let size = 0
  request.on("data", (chunk: Buffer) => {
    size += chunk.length
    if (size > maxBytes) request.destroy()
    else chunks.push(chunk)
  })
  request.on("end", () => {
    const url = urlOf(request)
    const outcome = answerHttp(core, {
      method: request.method ?? "GET",
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: headersOf(request),
      body: Buffer.concat(chunks).toString("utf8")
    })
    if (outcome._tag === "Never") return
    if (outcome._tag === "Broken") return void request.socket.destroy()
    const { answer } = outcome
    const write = () => {
      if (response.destroyed) return
      response.writeHead(answer.status, answer.headers)
      response.end(answer.body)
    }
    if (outcome.afterMillis > 0) core.after(outcome.afterMillis, write)
    else write()
  })
}

const serveNode = (
  core: Core,
  sockets: WebSocketServer,
  validate: ValidateFrame | undefined,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer
): void => {
  // The query wins when both are there.
  const token = urlOf(request).searchParams.get("token") ?? bearer(headersOf(request)["authorization"])
  const admitted = admit(core, token)
  if (isRefusal(admitted)) {
    refuseUpgrade(socket, admitted.status, admitted)
    return
  }
  sockets.handleUpgrade(request, socket, head, (ws: WebSocket) => {
    const session = open(
      core,
      admitted,
      {
        push: (text) => ws.send(text),
        close: (code, reason) => ws.close(code, reason),
        terminate: () => ws.terminate()
      },
      validate
    )
    ws.on("message", (data) => session.receive(Buffer.isBuffer(data) ? data.toString("utf8") : String(data)))
    ws.on("ping", (data) => {
      if (session.answersPings()) ws.pong(data)
    })
    ws.on("close", (code, reason) => session.gone(code, reason.toString()))
    // Every error is followed by a close; without a listener it would end the process.
    ws.on("error", () => {})
  })
}

const upgrade = (
  core: Core,
  sockets: WebSocketServer,
  validate: ValidateFrame | undefined,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer
): void => {
  socket.on("error", () => {})
  const path = urlOf(request).pathname
  try {
    if (path === "/v1/node/ws") {
      serveNode(core, sockets, validate, request, socket, head)
      return
    }
    const status = path === "/v1/ws" ? 401 : 426
    core.recorder.step(() => {
      if (path === "/v1/ws") core.recorder.observerSocketTried()
      core.recorder.emit({ _tag: "UpgradeRefused", at: core.now(), path, status })
    })
    refuseUpgrade(socket, status)
  } catch {
    refuseUpgrade(socket, 500)
  }
}

/** The scope's end closes every connection and the port. */
export const listen = (
  core: Core,
  validate: ValidateFrame | undefined,
  o: { readonly host?: string; readonly port?: number }
): Effect.Effect<Listening, PortInUse, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<{ readonly listening: Listening; readonly close: () => void }, PortInUse>((resume) => {
      const host = o.host ?? "127.0.0.1"
      const sockets = new WebSocketServer({
        noServer: true,
        autoPong: false,
        perMessageDeflate: false,
        maxPayload: maxBytes
      })
      const server = createServer((request, response) => serveHttp(core, request, response))
      server.on("upgrade", (request, socket, head) => upgrade(core, sockets, validate, request, socket, head))
      server.once("error", (error) =>
        resume(Effect.fail(new PortInUse({ address: host, port: o.port ?? 0, reason: error.message })))
      )
      const close = () => {
        for (const ws of sockets.clients) ws.terminate()
        server.closeAllConnections()
        server.close()
      }
      server.listen(o.port ?? 0, host, () => {
        const { port } = server.address() as AddressInfo
        const name = host.includes(":") ? `[${host}]` : host
        resume(Effect.succeed({ listening: { baseUrl: `http://${name}:${port}`, port }, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ listening }) => listening))
