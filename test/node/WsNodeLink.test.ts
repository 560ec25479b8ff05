import { createServer, type IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { type WebSocket, WebSocketServer } from "ws"
import { NodeLink } from "../../src/node/NodeLink.ts"
import * as WsNodeLink from "../../src/node/WsNodeLink.ts"
import { until } from "../support/until.ts"

const token = Redacted.make("nt_live_secret")

/** A bare server; `onUpgrade` says what becomes of each attempt. */
const serve = (
  onUpgrade: (o: { request: IncomingMessage; socket: Duplex; accept: () => Promise<WebSocket> }) => void
) =>
  Effect.acquireRelease(
    Effect.async<{ readonly baseUrl: string; readonly close: () => void }>((resume) => {
      const server = createServer()
      const sockets = new WebSocketServer({ noServer: true })
      server.on("upgrade", (request, socket, head) =>
        onUpgrade({
          request,
          socket,
          accept: () => new Promise((done) => sockets.handleUpgrade(request, socket, head, done))
        })
      )
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" ? address?.port : 0
        resume(
          Effect.succeed({
            baseUrl: `http://127.0.0.1:${port}`,
            close: () => {
              for (const client of sockets.clients) client.terminate()
              server.closeAllConnections()
              server.close()
            }
          })
        )
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const connect = (baseUrl: string, o: Partial<WsNodeLink.WsNodeLinkOptions> = {}) =>
  Effect.flatMap(NodeLink, (link) => link.connect(token)).pipe(
    Effect.provide(WsNodeLink.layer({ baseUrl, userAgent: "relay-broker/test", ...o }) satisfies Layer.Layer<NodeLink>)
  )

const accepting = (onSocket: (socket: WebSocket) => void, requests: Array<IncomingMessage> = []) =>
  serve(({ accept, request }) => {
    requests.push(request)
    void accept().then(onSocket)
  })

describe("WsNodeLink", () => {
  it.scopedLive("asks for /v1/node/ws with the token in the header and nowhere else", () =>
    Effect.gen(function* () {
      const requests: Array<IncomingMessage> = []
      const { baseUrl } = yield* accepting(() => {}, requests)
      yield* connect(`${baseUrl}/`)
      assert.deepStrictEqual(
        requests.map(({ headers, url }) => [url, headers.authorization]),
        [["/v1/node/ws", "Bearer nt_live_secret"]]
      )
    })
  )

  it.scopedLive.each([
    [401, "Unauthorized"],
    [403, "Unauthorized"],
    [404, "ConnectFailed"],
    [409, "ConnectFailed"],
    [426, "ConnectFailed"],
    [429, "ConnectFailed"],
    [500, "ConnectFailed"],
    [503, "ConnectFailed"]
  ])("a refused upgrade with %i is %s with its status", ([status, tag]) =>
    Effect.gen(function* () {
      const { baseUrl } = yield* serve(({ socket }) =>
        socket.end(`HTTP/1.1 ${status} Refused\r\nRetry-After: 7\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      )
      const error = yield* Effect.flip(connect(baseUrl))
      assert.strictEqual(error._tag, tag)
      assert.strictEqual(error.status, status)
      if (error._tag === "ConnectFailed") assert.strictEqual(error.retryAfterMillis, 7_000)
      assert.notInclude(String(error), "secret")
    })
  )

  it.scopedLive("nobody there, a peer that hangs up, and one that never answers are told as failed connections", () =>
    Effect.gen(function* () {
      const nobody = yield* Effect.flip(connect("http://127.0.0.1:9"))
      assert.deepInclude(nobody, { _tag: "ConnectFailed", status: 0 })
      const rude = yield* serve(({ socket }) => socket.destroy())
      assert.deepInclude(yield* Effect.flip(connect(rude.baseUrl)), { _tag: "ConnectFailed", status: 0 })
      const mute = yield* serve(() => {})
      assert.deepInclude(yield* Effect.flip(connect(mute.baseUrl, { handshakeMillis: 100 })), {
        _tag: "ConnectFailed",
        status: 0
      })
    })
  )

  it.scopedLive(
    "frames that came before the first read, binary frames and bytes that are no UTF-8 all arrive as text",
    () =>
      Effect.gen(function* () {
        const { baseUrl } = yield* accepting((socket) => {
          socket.send("first")
          socket.send(Buffer.from("second"), { binary: true })
          socket.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false })
          socket.send("last")
        })
        const connection = yield* connect(baseUrl)
        const texts = yield* Effect.replicateEffect(connection.inbound.take, 4)
        assert.deepStrictEqual(texts, ["first", "second", '"\ufffd\ufffd"', "last"])
      })
  )

  it.scopedLive("a frame of 10 MiB arrives whole although reading pauses above the mark", () =>
    Effect.gen(function* () {
      const big = "x".repeat(10 * 1024 * 1024)
      const { baseUrl } = yield* accepting((socket) => {
        socket.send(big)
        socket.send("after")
      })
      const connection = yield* connect(baseUrl, { highWater: 1024 })
      const first = yield* connection.inbound.take
      assert.strictEqual(first.length, big.length)
      connection.taken(first)
      assert.strictEqual(yield* connection.inbound.take, "after")
    })
  )

  it.scopedLive.each([
    [1000, "superseded"],
    [1011, "internal"],
    [1012, "restart"]
  ] as const)("close %i tells code and reason to readers and writers", ([code, reason]) =>
    Effect.gen(function* () {
      const { baseUrl } = yield* accepting((socket) => socket.close(code, reason))
      const connection = yield* connect(baseUrl)
      const lost = yield* Effect.flip(connection.inbound.take)
      assert.deepInclude(lost, { _tag: "LinkLost", code, reason })
      assert.deepInclude(yield* Effect.flip(connection.send("late")), { _tag: "LinkLost", code, reason })
    })
  )

  it.scopedLive("an abrupt end is 1006", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* accepting((socket) => socket.terminate())
      const connection = yield* connect(baseUrl)
      assert.deepInclude(yield* Effect.flip(connection.inbound.take), { code: 1006 })
    })
  )

  it.scopedLive("pongs count as life", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* accepting(() => {})
      const connection = yield* connect(baseUrl)
      const before = yield* connection.lastInboundMillis
      yield* until(() => Effect.map(Clock.currentTimeMillis, (now) => now > before))
      yield* connection.ping
      yield* until(() => Effect.map(connection.lastInboundMillis, (at) => at > before))
    })
  )

  it.scopedLive("leaving says close 1000", () =>
    Effect.gen(function* () {
      let closed: (code: number) => void = () => {}
      const code = new Promise<number>((done) => {
        closed = done
      })
      const { baseUrl } = yield* accepting((socket) => socket.on("close", (each) => closed(each)))
      yield* Effect.scoped(connect(baseUrl))
      assert.strictEqual(yield* Effect.promise(() => code), 1000)
    })
  )

  it.scopedLive("a burst leaves turns of the event loop to others, and arrives in order before its close", () =>
    Effect.gen(function* () {
      const count = 5_000
      const { baseUrl } = yield* accepting((socket) => {
        for (let n = 0; n < count; n++) socket.send(`frame ${n}`)
        socket.close(1000, "done")
      })
      const connection = yield* connect(baseUrl)
      let turns = 0
      let counting = true
      const turn = () => {
        turns += 1
        if (counting) setImmediate(turn)
      }
      setImmediate(turn)
      for (let n = 0; n < count; n++) {
        const text = yield* connection.inbound.take
        connection.taken(text)
        assert.strictEqual(text, `frame ${n}`)
      }
      counting = false
      assert.isAbove(turns, count / 100)
      assert.strictEqual((yield* Effect.flip(connection.inbound.take))._tag, "LinkLost")
    })
  )
})
