/** The socket of the local API on its own. */
import { connect, type Socket } from "node:net"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as ApiListener from "../../src/broker/ApiListener.ts"

/** A peer that never closes its side, whatever it is told. */
const openPeer = (port: number, text: string) =>
  Effect.acquireRelease(
    Effect.async<{ readonly socket: Socket; readonly heard: string }>((resume) => {
      const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => socket.write(text))
      let heard = ""
      socket.on("data", (data) => {
        heard += String(data)
      })
      socket.once("end", () => resume(Effect.succeed({ socket, heard })))
      socket.on("error", () => {})
    }),
    ({ socket }) => Effect.sync(() => socket.destroy())
  )

const upgrade = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"

it.scopedLive("a refused handshake whose peer keeps its side open holds up no stop", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const { port } = yield* ApiListener.bind({ host: "127.0.0.1", port: 0, startingHealth: () => "{}" }).pipe(
      Scope.extend(scope)
    )
    const { heard } = yield* openPeer(port, upgrade)
    assert.match(heard, /^HTTP\/1.1 503 /)
    const closed = yield* Effect.timeoutOption(Effect.disconnect(Scope.close(scope, Exit.void)), 2_000)
    assert.strictEqual(closed._tag, "Some")
  })
)

it.scopedLive("a refused handshake is over after a second, whether its peer closes or not", () =>
  Effect.gen(function* () {
    const { port } = yield* ApiListener.bind({ host: "127.0.0.1", port: 0, startingHealth: () => "{}" })
    const { socket } = yield* openPeer(port, upgrade)
    const dropped = yield* Effect.async<string>((resume) => {
      const write = setInterval(() => socket.write("x"), 50)
      socket.once("close", () => {
        clearInterval(write)
        resume(Effect.succeed("dropped"))
      })
    }).pipe(Effect.timeoutOption(5_000))
    assert.strictEqual(dropped._tag, "Some")
  })
)

it.scopedLive("an open WebSocket is left alone", () =>
  Effect.gen(function* () {
    const listener = yield* ApiListener.bind({ host: "127.0.0.1", port: 0, startingHealth: () => "{}" })
    yield* listener.serve({
      request: (_request, response) => response.end(),
      upgrade: (_request, socket) => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n")
        socket.on("data", (data) => socket.write(data))
      }
    })
    const socket = yield* Effect.acquireRelease(
      Effect.async<Socket>((resume) => {
        const socket = connect(listener.port, "127.0.0.1", () => socket.write(upgrade))
        socket.once("data", () => resume(Effect.succeed(socket)))
      }),
      (socket) => Effect.sync(() => socket.destroy())
    )
    yield* Effect.sleep(1_300)
    const echoed = yield* Effect.async<string>((resume) => {
      socket.once("data", (data) => resume(Effect.succeed(String(data))))
      socket.write("still here")
    })
    assert.strictEqual(echoed, "still here")
  })
)
