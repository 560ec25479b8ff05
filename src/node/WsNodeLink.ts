/**
 * `NodeLink` over `ws`. Reading is paused above a high-water mark, so that a burst waits at the engine and not in our
 * memory; the status of a refused upgrade is told from a failed connection.
 */
import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import * as Redacted from "effect/Redacted"
import WebSocket from "ws"
import { LinkLost, Unauthorized } from "../domain/Errors.ts"
import type { NodeToken } from "../engine/EngineApi.ts"
import { readEnvelope } from "../engine/Envelope.ts"
import { retryAfterMillis } from "../engine/RetryPolicy.ts"
import { ConnectFailed, type NodeConnection, NodeLink } from "./NodeLink.ts"

export interface WsNodeLinkOptions {
  /** The engine's HTTP address; the socket is the same with a ws scheme. */
  readonly baseUrl: string
  readonly userAgent: string
  /** How long the TCP connection and the upgrade may take. */
  readonly handshakeMillis?: number
  /** Unread text, in characters, above which reading pauses. Low: more pauses. High: more memory in a burst. */
  readonly highWater?: number
}

/** A frame larger than this is refused by closing the socket with 1009; the engine's own bodies are far below. */
const maxFrameBytes = 32 * 1024 * 1024
const closeWaitMillis = 1_000
/** Written and not yet taken by the kernel, above which the next frame waits with us, where heartbeats overtake. */
const maxBufferedBytes = 64 * 1024

/** `http(s)://host/base` → `ws(s)://host/base/v1/node/ws`. Agents and workspaces had `/v1/ws`; a node never uses it. */
export const nodeSocketUrl = (baseUrl: string): string =>
  `${baseUrl.replace(/\/+$/, "").replace(/^http/, "ws")}/v1/node/ws`

/** Engines from 9.1 on may say why in the body; 5.x sends none. */
const maxRefusalBytes = 4_096
const refusalBodyMillis = 1_000

/** What a refused upgrade has to say, if it says it soon and shortly. */
const readRefusal = (response: IncomingMessage): Effect.Effect<string> =>
  Effect.async<string>((resume) => {
    let text = ""
    const done = () => resume(Effect.succeed(text))
    response.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8")
      if (text.length > maxRefusalBytes) done()
    })
    response.once("end", done)
    response.once("error", done)
    response.once("close", done)
  }).pipe(
    Effect.timeoutTo({ duration: refusalBodyMillis, onSuccess: (text: string) => text, onTimeout: () => "" }),
    Effect.ensuring(Effect.sync(() => response.destroy()))
  )

const refusal = (url: string, response: IncomingMessage, text: string, now: number): Unauthorized | ConnectFailed => {
  const status = response.statusCode ?? 0
  const envelope = readEnvelope(status, text)
  const code = envelope._tag === "Refusal" ? { code: envelope.code } : {}
  if (status === 401 || status === 403)
    return new Unauthorized({ credential: "node token", where: "/v1/node/ws", status, ...code })
  const wait = retryAfterMillis(response.headers["retry-after"], now)
  return new ConnectFailed({
    url,
    status,
    reason: `HTTP ${status}`,
    ...(wait === undefined ? {} : { retryAfterMillis: wait })
  })
}

/**
 * Frames handed on in one turn of the event loop. Fibers that always have work never give the loop back by themselves, so a
 * burst would delay terminals, timers and the API for as long as it lasts. Low: slower bursts; high: longer turns.
 */
const framesPerTurn = 64

const connect = (o: WsNodeLinkOptions, token: NodeToken) =>
  Effect.gen(function* () {
    const url = nodeSocketUrl(o.baseUrl)
    const high = o.highWater ?? 4 * 1024 * 1024
    const clock = yield* Effect.clock
    const inbox = yield* Mailbox.make<string, LinkLost>()
    let unread = 0
    let lastInbound = clock.unsafeCurrentTimeMillis()
    /** Below the frames: part of a large one is a sign of life too. */
    let transport: Socket | undefined
    let bytesSeen = 0
    /** Read and not yet handed on; `over` follows the last of them. */
    const arrived: Array<string> = []
    let over: (() => void) | undefined
    let handedOn = 0
    let turnIsNear = false
    const handOn = () => {
      for (; handedOn < framesPerTurn && arrived.length > 0; handedOn++) inbox.unsafeOffer(arrived.shift()!)
      if (arrived.length === 0) over?.()
      if (turnIsNear) return
      turnIsNear = true
      setImmediate(() => {
        turnIsNear = false
        handedOn = 0
        if (arrived.length > 0) handOn()
      })
    }
    const seen = () => {
      lastInbound = clock.unsafeCurrentTimeMillis()
      bytesSeen = transport?.bytesRead ?? bytesSeen
    }
    const handshakeMillis = o.handshakeMillis ?? 10_000

    const open = Effect.async<WebSocket, Unauthorized | ConnectFailed>((resume) => {
      const socket = new WebSocket(url, {
        headers: { authorization: `Bearer ${Redacted.value(token)}`, "user-agent": o.userAgent },
        handshakeTimeout: handshakeMillis,
        maxPayload: maxFrameBytes,
        // Bytes that are no UTF-8 spoil their own frame, not the session.
        skipUTF8Validation: true,
        perMessageDeflate: false
      })
      socket.on("message", (data, isBinary) => {
        seen()
        // A binary frame is read as text as well: the decoder says what is wrong with it.
        const text = isBinary || typeof data !== "string" ? data.toString() : data
        unread += text.length
        if (unread > high && !socket.isPaused) socket.pause()
        arrived.push(text)
        handOn()
      })
      socket.on("ping", seen)
      socket.on("pong", seen)
      socket.on("unexpected-response", (request, response) => {
        const now = clock.unsafeCurrentTimeMillis()
        resume(
          readRefusal(response).pipe(
            Effect.flatMap((text) => Effect.fail(refusal(url, response, text, now))),
            Effect.ensuring(Effect.sync(() => request.destroy()))
          )
        )
      })
      // Stays on for ever: a socket error without a listener ends the process.
      socket.on("error", (error) => {
        resume(Effect.fail(new ConnectFailed({ url, status: 0, reason: error.message })))
      })
      socket.on("close", (code, reason) => {
        const text = reason.toString()
        const lost = Exit.fail(new LinkLost({ reason: text === "" ? "closed" : text, code }))
        over = () => void inbox.unsafeDone(lost)
        handOn()
      })
      socket.on("upgrade", (response) => {
        transport = response.socket
      })
      socket.on("open", () => {
        seen()
        resume(Effect.succeed(socket))
      })
      return Effect.sync(() => socket.terminate())
    })

    const closeSocket = (socket: WebSocket, how: "normal" | "abrupt", reason: string) =>
      Effect.async<void>((resume) => {
        if (socket.readyState === WebSocket.CLOSED) return resume(Effect.void)
        socket.once("close", () => resume(Effect.void))
        if (how === "abrupt") return socket.terminate()
        // A paused socket would never see the answering close frame.
        socket.resume()
        socket.close(1000, reason)
      }).pipe(
        Effect.interruptible,
        Effect.timeoutOption(closeWaitMillis),
        Effect.ensuring(Effect.sync(() => socket.terminate()))
      )

    const inTime = Effect.timeoutFail(open, {
      // The library's own limit begins anew with every byte of a peer that trickles its answer.
      duration: handshakeMillis + refusalBodyMillis,
      onTimeout: () => new ConnectFailed({ url, status: 0, reason: `no upgrade within ${handshakeMillis} ms` })
    })
    const socket = yield* Effect.acquireRelease(Effect.interruptible(inTime), (socket) =>
      closeSocket(socket, "normal", "")
    )

    const lost = inbox.await.pipe(
      Effect.flip,
      Effect.orElseSucceed(() => new LinkLost({ reason: "closed" }))
    )
    const send = (text: string) =>
      Effect.suspend(() =>
        socket.readyState === WebSocket.OPEN
          ? Effect.async<void, LinkLost>((resume) => {
              socket.send(text, (error) => resume(error ? Effect.flatMap(lost, Effect.fail) : Effect.void))
              if (socket.bufferedAmount < maxBufferedBytes) resume(Effect.void)
            })
          : Effect.flatMap(lost, Effect.fail)
      )

    const taken = (text: string) => {
      unread -= text.length
      if (unread < high / 2 && socket.isPaused) socket.resume()
    }

    const connection: NodeConnection = {
      inbound: inbox,
      taken,
      send,
      // While we pause reading ourselves no pong can arrive: that silence is not the peer's.
      lastInboundMillis: Effect.sync(() => {
        if (socket.isPaused || (transport !== undefined && transport.bytesRead !== bytesSeen)) seen()
        return lastInbound
      }),
      ping: Effect.sync(() => {
        if (socket.readyState === WebSocket.OPEN) socket.ping()
      }),
      close: (how, reason) => Effect.asVoid(closeSocket(socket, how, reason))
    }
    return connection
  })

export const layer = (options: WsNodeLinkOptions) =>
  Layer.succeed(NodeLink, NodeLink.of({ connect: (token) => connect(options, token) }))
