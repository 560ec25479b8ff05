/** Opens a WebSocket of the local API; refusals are those of a plain request. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { WebSocket } from "ws"
import { type BrokerRefused, BrokerUnreachable, KeyRefused } from "./Failures.ts"

interface SocketOptions {
  readonly url: string
  readonly path: string
  readonly apiKey: string
  readonly refusal: (status: number, text: string) => BrokerRefused
}

type SocketFailure = BrokerUnreachable | KeyRefused | BrokerRefused

const handshakeTimeout = 10_000

export const openSocket = (o: SocketOptions): Effect.Effect<WebSocket, SocketFailure, Scope.Scope> =>
  Effect.acquireRelease(connect(o), (socket) => Effect.sync(() => socket.terminate()))

const connect = ({ apiKey, path, refusal, url }: SocketOptions) =>
  // Loaded when it is used: most commands need none.
  Effect.flatMap(
    Effect.promise(() => import("ws")),
    ({ WebSocket }) =>
      Effect.async<WebSocket, SocketFailure>((resume) => {
        const socket = new WebSocket(url.replace(/^http/, "ws") + path, {
          headers: { "x-api-key": apiKey },
          handshakeTimeout,
          perMessageDeflate: false
        })
        socket.on("error", (error) => resume(Effect.fail(new BrokerUnreachable({ url, reason: error.message }))))
        socket.on("unexpected-response", (request, response) => {
          let text = ""
          response.setEncoding("utf8")
          response.on("data", (chunk: string) => {
            text += chunk
          })
          response.on("end", () => {
            const status = response.statusCode ?? 0
            request.destroy()
            resume(Effect.fail(status === 401 ? new KeyRefused({ url }) : refusal(status, text)))
          })
        })
        socket.on("open", () => resume(Effect.succeed(socket)))
        return Effect.sync(() => socket.terminate())
      })
  )
