/**
 * Where the screen of Codex connects (`codex --remote unix://PATH`): a WebSocket on a socket in a directory of its own, 0700,
 * so that nobody but this user and root reach it, and one connection at a time.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Duplex } from "node:stream"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type WebSocket, WebSocketServer } from "ws"

export interface Screen {
  /** Whole messages, in order. */
  readonly listen: (listener: (line: string) => void) => void
  readonly send: (line: string) => void
  readonly close: () => void
}

export interface DoorOptions {
  /** The agent's own; it may not be there yet. */
  readonly directory: string
  /** Somebody connected. What it gives is told when the connection ends; undefined: not now, try again. */
  readonly onScreen: (screen: Screen) => (() => void) | undefined
  /** The screen does not keep up: its server is to wait. */
  readonly onSlow: (isSlow: boolean) => void
}

/** Unread by the screen, from where on its server waits. */
const mostUnread = 4 * 1024 * 1024
/** A message of the screen: a prompt with pictures in it. */
const longestMessage = 64 * 1024 * 1024

const refuse = (socket: Duplex, status: string) =>
  void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)

/** The path of a socket has 104 bytes at most (macOS; Linux 108), its end included. */
const longestPath = 103

/** In the agent's directory where its path leaves room, else in one that is made for it. */
const place = (directory: string): Effect.Effect<string, string, Scope.Scope> => {
  const path = join(directory, "codex")
  if (Buffer.byteLength(path) <= longestPath) {
    return Effect.as(
      attempt(() => mkdir(directory, { recursive: true, mode: 0o700 })),
      path
    )
  }
  return Effect.acquireRelease(
    attempt(() => mkdtemp(join(tmpdir(), "relay-"))),
    (made) => Effect.ignore(attempt(() => rm(made, { recursive: true, force: true })))
  ).pipe(Effect.map((made) => join(made, "codex")))
}

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, string> =>
  Effect.tryPromise({ try: run, catch: (error) => (error as Error).message })

const screenOf = (webSocket: WebSocket, onSlow: DoorOptions["onSlow"]): Screen => {
  let isSlow = false
  const look = () => {
    if (isSlow === webSocket.bufferedAmount > mostUnread) return
    isSlow = !isSlow
    onSlow(isSlow)
  }
  return {
    listen: (listener) => void webSocket.on("message", (data) => listener(String(data))),
    send: (line) => {
      webSocket.send(line, look)
      look()
    },
    close: () => webSocket.terminate()
  }
}

/** The path of the socket. Closed, with its connection, when the scope ends. */
export const open = ({ directory, onScreen, onSlow }: DoorOptions): Effect.Effect<string, string, Scope.Scope> =>
  Effect.gen(function* () {
    const path = yield* place(directory)
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: longestMessage })
    const server = createServer((_, response) => void response.writeHead(404).end())
    let current: WebSocket | undefined
    server.on("upgrade", (request, socket, head) => {
      socket.on("error", () => {})
      if (current !== undefined) return refuse(socket, "409 Conflict")
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on("error", () => {})
        const onEnd = onScreen(screenOf(webSocket, onSlow))
        if (onEnd === undefined) return webSocket.terminate()
        current = webSocket
        webSocket.once("close", () => {
          current = undefined
          onEnd()
        })
      })
    })
    yield* Effect.acquireRelease(
      Effect.async<void, string>((resume) => {
        server.once("error", (error) => resume(Effect.fail(error.message)))
        server.listen(path, () => resume(Effect.void))
      }),
      () =>
        Effect.sync(() => {
          current?.terminate()
          server.close()
        })
    )
    return path
  })
