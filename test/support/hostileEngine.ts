/** A node socket on a real port that can be as bad as a network can be. Well, it is an engine that answers requests. */
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import type { Duplex } from "node:stream"
import * as Effect from "effect/Effect"
import { type WebSocket, WebSocketServer } from "ws"
import { nodeId } from "./nodeRig.ts"
import { publishedOutbound } from "./publishedSchemas.ts"

export interface Attempt {
  readonly request: IncomingMessage
  /** The bare connection, before the upgrade. */
  readonly socket: Duplex
  readonly accept: (serve: (socket: WebSocket) => void) => void
}

export type Conduct = (attempt: Attempt) => void

/** What a well engine does with one socket. */
export const serve = (socket: WebSocket, refused: Array<string> = []): void => {
  socket.on("message", (data) => {
    const frame = JSON.parse(String(data)) as { readonly type: string; readonly id?: string }
    const complaint = publishedOutbound(frame)
    if (complaint !== undefined) refused.push(complaint)
    if (frame.type !== "node.register" && frame.type !== "inventory.sync") return
    const data_ = frame.type === "node.register" ? { id: nodeId } : {}
    socket.send(JSON.stringify({ v: 1, id: frame.id, type: "reply", ok: true, data: data_ }))
  })
}

export const refuse =
  (status: number, headers: ReadonlyArray<string> = [], body = ""): Conduct =>
  ({ socket }) =>
    void socket.end(
      [
        `HTTP/1.1 ${status} Refused`,
        "Connection: close",
        `Content-Length: ${Buffer.byteLength(body)}`,
        ...headers,
        "",
        body
      ].join("\r\n")
    )

export const makeHostileEngine = Effect.acquireRelease(
  Effect.async<{
    readonly baseUrl: string
    readonly attempts: () => number
    /** Complaints of the published schemas about our frames. */
    readonly refused: ReadonlyArray<string>
    readonly conduct: (how: Conduct) => void
    readonly beWell: () => void
    /** To every open node socket. */
    readonly each: (what: (socket: WebSocket) => void) => void
    /** Ends every connection abruptly, and takes no new ones until `listen`. */
    readonly goDown: () => void
    readonly listen: () => void
    readonly close: () => void
  }>((resume) => {
    const refused: Array<string> = []
    const connections = new Set<Socket>()
    const sockets = new WebSocketServer({ noServer: true })
    const well: Conduct = ({ accept }) => accept((socket) => serve(socket, refused))
    let conduct = well
    let attempts = 0
    const server = createServer((_request, response) => response.writeHead(404).end())
    server.on("connection", (connection) => {
      connections.add(connection)
      connection.on("error", () => {})
      connection.on("close", () => connections.delete(connection))
    })
    server.on("upgrade", (request, socket, head) => {
      attempts += 1
      conduct({ request, socket, accept: (serveIt) => sockets.handleUpgrade(request, socket, head, serveIt) })
    })
    const endAll = () => {
      for (const connection of connections) connection.destroy()
    }
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(
        Effect.succeed({
          baseUrl: `http://127.0.0.1:${port}`,
          attempts: () => attempts,
          refused,
          conduct: (how) => {
            conduct = how
          },
          beWell: () => {
            conduct = well
          },
          each: (what) => {
            for (const socket of sockets.clients) what(socket)
          },
          goDown: () => {
            server.close()
            endAll()
          },
          listen: () => void server.listen(port, "127.0.0.1"),
          close: () => {
            endAll()
            server.close()
          }
        })
      )
    })
  }),
  ({ close }) => Effect.sync(close)
)
