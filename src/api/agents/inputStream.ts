/**
 * Keystrokes over a WebSocket: in order, each acknowledged when the terminal took it. Bad input is answered and
 * changes nothing; what is wrong with the target ends the stream.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import type { RawData, WebSocket } from "ws"
import type { Worker } from "../../injection/Worker.ts"
import { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import { pathOf } from "../http/routeTable.ts"
import type { SocketRoute } from "../http/upgrade.ts"

interface Keystrokes {
  readonly data: string
  /** A person typed them: nothing is injected for a moment. */
  readonly human: boolean
}

interface StreamError {
  readonly code: string
  readonly message: string
  readonly statusCode: number
}

/** Unwritten bytes of one client at which its socket is not read any more. */
const highWater = 1 << 20
/** Unsent bytes at which a client that never reads its acknowledgements is dropped. */
const unsentLimit = 8 << 20
const writeLimit = "5 seconds"
const pingEvery = Duration.seconds(30)
/** A client that answered no ping for so long is gone: its machine, or the path to it. */
const silentAfterMillis = 4 * Duration.toMillis(pingEvery)

const errorFrame = (error: StreamError) => JSON.stringify({ type: "pty_input_error", ...error, retryable: false })
const invalid = (reason: string): StreamError => ({
  code: "invalid_input",
  message: `invalid_input: ${reason}`,
  statusCode: 400
})
const noAgent = (name: string): StreamError => ({
  code: "agent_not_found",
  message: `agent_not_found: no worker named '${name}'`,
  statusCode: 404
})
const disappeared = (reason: string): StreamError => ({
  code: "worker_disappeared",
  message: `worker_disappeared: ${reason}`,
  statusCode: 503
})
const timedOut = (reason: string): StreamError => ({
  code: "worker_timeout",
  message: `worker_timeout: ${reason}`,
  statusCode: 504
})

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Text, or JSON of the type `pty_input`; any other JSON, and what is none, is raw keystrokes. */
export const readKeystrokes = (bytes: Uint8Array): Either.Either<Keystrokes, StreamError> => {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return Either.left(invalid("binary input frames must be valid UTF-8"))
  }
  // Who types over a stream is a person, unless the frame says otherwise: terminals of published clients say nothing.
  const raw: Keystrokes = { data: text, human: true }
  if (!text.startsWith("{")) return Either.right(raw)
  try {
    const { data, human, type } = JSON.parse(text) as { readonly [key: string]: unknown }
    if (type !== "pty_input") return Either.right(raw)
    return typeof data === "string"
      ? Either.right({ data, human: human !== false })
      : Either.left(invalid("pty_input frame must include a string 'data' field"))
  } catch {
    return Either.right(raw)
  }
}

const say = (socket: WebSocket, frame: string): void => {
  if (socket.bufferedAmount > unsentLimit) socket.terminate()
  else socket.send(frame)
}

/** Else one that is gone without a word would keep its socket for as long as the agent lives. */
const watch = (socket: WebSocket) =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    let lastPongMillis = clock.unsafeCurrentTimeMillis()
    socket.on("pong", () => {
      lastPongMillis = clock.unsafeCurrentTimeMillis()
    })
    for (;;) {
      yield* Effect.sleep(pingEvery)
      if (clock.unsafeCurrentTimeMillis() - lastPongMillis > silentAfterMillis) socket.terminate()
      else if (socket.readyState === socket.OPEN) socket.ping()
    }
  })

const serve = (
  socket: WebSocket,
  worker: Worker,
  received: Mailbox.Mailbox<Uint8Array>,
  taken: (n: number) => void
) => {
  const { name } = worker
  const write = ({ data, human }: Keystrokes) =>
    worker.write(data, { human }).pipe(
      Effect.mapError((error) => (error._tag === "PtyClosed" ? disappeared(error.message) : timedOut(error.message))),
      Effect.timeoutFail({
        duration: writeLimit,
        onTimeout: () => timedOut("the program did not read its input within 5 s")
      })
    )
  const next = Effect.gen(function* () {
    const bytes = yield* received.take
    const keystrokes = readKeystrokes(bytes)
    if (Either.isLeft(keystrokes)) {
      say(socket, errorFrame(keystrokes.left))
    } else {
      yield* write(keystrokes.right)
      const written = Buffer.byteLength(keystrokes.right.data)
      say(socket, JSON.stringify({ type: "pty_input_ack", name, bytes_written: written }))
    }
    taken(bytes.length)
  })
  const ended = Effect.flatMap(worker.exit, () => Effect.fail(disappeared("the program has ended")))
  return Effect.raceFirst(Effect.forever(next), ended).pipe(
    // The client has left: the mailbox ended.
    Effect.catchTag("NoSuchElementException", () => Effect.void),
    Effect.catchAll((error) =>
      Effect.sync(() => {
        if ("code" in error) socket.send(errorFrame(error))
        socket.close(1011, "target gone")
      })
    )
  )
}

const bytesOf = (data: RawData): Uint8Array =>
  Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? new Uint8Array(data) : data

export const inputStreamPath = "/api/input/:name/stream"

export const makeInputStream: Effect.Effect<SocketRoute, never, WorkerRegistry | Scope.Scope> = Effect.gen(
  function* () {
    const registry = yield* WorkerRegistry
    const run = yield* FiberSet.makeRuntime<never>()

    const accept = (socket: WebSocket, name: string) =>
      Effect.gen(function* () {
        const received = yield* Mailbox.make<Uint8Array>()
        let waiting = 0
        socket.on("error", () => socket.terminate())
        socket.on("close", () => received.unsafeDone(Exit.void))
        socket.on("message", (data: RawData) => {
          const bytes = bytesOf(data)
          waiting += bytes.length
          if (waiting > highWater) socket.pause()
          received.unsafeOffer(bytes)
        })
        const found = yield* registry.find(name)
        if (found._tag === "None") {
          socket.send(errorFrame(noAgent(name)))
          socket.close(1008, "no such agent")
          return
        }
        const worker = found.value
        socket.send(JSON.stringify({ type: "pty_input_ready", name: worker.name }))
        yield* Effect.forkScoped(watch(socket))
        yield* serve(socket, worker, received, (count) => {
          waiting -= count
          if (waiting <= highWater) socket.resume()
        })
      }).pipe(Effect.scoped)

    return (request) => {
      const name = nameIn(request.url ?? "")
      return name === undefined ? undefined : (socket) => void run(accept(socket, name))
    }
  }
)

const nameIn = (url: string): string | undefined => {
  try {
    return decodeURIComponent(pathOf(url).split("/")[3] ?? "")
  } catch {
    return undefined
  }
}
