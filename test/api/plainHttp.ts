/** Requests that `fetch` would not send: any Host, any bytes, sockets that stop half-way. */
import { request as httpRequest } from "node:http"
import { connect, type Socket } from "node:net"
import * as Effect from "effect/Effect"

export interface PlainAnswer {
  readonly status: number
  readonly headers: { readonly [name: string]: string | ReadonlyArray<string> | undefined }
  readonly text: string
}

export const plain = (
  url: string,
  o: {
    readonly method?: string
    readonly path: string
    readonly headers?: Record<string, string>
    readonly body?: Buffer
  }
): Effect.Effect<PlainAnswer> =>
  Effect.async((resume) => {
    const { hostname, port } = new URL(url)
    const { body, headers = {}, method = "GET", path } = o
    const isSized = body !== undefined && headers["transfer-encoding"] === undefined
    const length = isSized ? { "content-length": String(body.length) } : {}
    const request = httpRequest({
      host: hostname,
      port,
      method,
      path,
      headers: { ...length, ...headers },
      agent: false
    })
    request.on("response", (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () =>
        resume(
          Effect.succeed({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString()
          })
        )
      )
    })
    request.on("upgrade", (_response, socket) => {
      socket.destroy()
      resume(Effect.succeed({ status: 101, headers: {}, text: "" }))
    })
    request.on("error", (error) => resume(Effect.die(error)))
    request.end(body)
  })

export const upgradeHeaders = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="
}

/** A connection that sends exactly this; closed with the scope. */
export const openSocket = (url: string, bytes: string) =>
  Effect.acquireRelease(
    Effect.async<Socket>((resume) => {
      const { hostname, port } = new URL(url)
      const socket = connect({ host: hostname, port: Number(port) }, () => {
        socket.write(bytes)
        resume(Effect.succeed(socket))
      })
      socket.on("error", () => {})
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

/** Everything it says until it is closed. */
export const untilClosed = (socket: Socket): Effect.Effect<string> =>
  Effect.async((resume) => {
    let said = ""
    socket.on("data", (chunk) => {
      said += chunk.toString()
    })
    if (socket.closed) return resume(Effect.succeed(said))
    socket.on("close", () => resume(Effect.succeed(said)))
  })
