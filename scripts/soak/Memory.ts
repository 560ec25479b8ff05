/** What the broker's process holds after a full collection, asked over the inspector that it was started with. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import WebSocket from "ws"

export class InspectorFailed extends Data.TaggedError("InspectorFailed")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

/** All in MiB. */
export interface Memory {
  /** Objects and external buffers, without the machine code that V8 makes of what runs often: that has its own end. */
  readonly data: number
  readonly code: number
  readonly resident: number
}

interface Answer {
  readonly id?: number
  readonly error?: { readonly message: string }
  readonly result?: { readonly result?: { readonly value?: unknown } }
}

const sizes = `(() => {
  const { rss, heapUsed, external } = process.memoryUsage()
  const { code_and_metadata_size: code } = require("node:v8").getHeapCodeStatistics()
  return JSON.stringify({ data: heapUsed - code + external, code, resident: rss })
})()`

const mebibytes = (bytes: number) => Math.round((bytes / 1024 / 1024) * 100) / 100

/** Weak tables and finalisers need more than one. */
const collections = 4

/** `address`: what Node prints on stderr, `ws://127.0.0.1:…`. */
export const connectInspector = (address: string) =>
  Effect.gen(function* () {
    const socket = yield* Effect.acquireRelease(
      Effect.async<WebSocket, InspectorFailed>((resume) => {
        const opened = new WebSocket(address, { perMessageDeflate: false })
        opened.once("open", () => resume(Effect.succeed(opened)))
        opened.on("error", ({ message }) => resume(Effect.fail(new InspectorFailed({ reason: message }))))
      }),
      (opened) => Effect.sync(() => opened.terminate())
    )
    let lastId = 0
    const call = (method: string, params: object = {}) =>
      Effect.async<Answer, InspectorFailed>((resume) => {
        const id = ++lastId
        const onMessage = (text: WebSocket.RawData) => {
          const answer = JSON.parse(text.toString()) as Answer
          if (answer.id !== id) return
          socket.off("message", onMessage)
          const reason = answer.error?.message
          resume(reason === undefined ? Effect.succeed(answer) : Effect.fail(new InspectorFailed({ reason })))
        }
        socket.on("message", onMessage)
        socket.send(JSON.stringify({ id, method, params }))
      }).pipe(
        Effect.timeoutFail({
          duration: "30 seconds",
          onTimeout: () => new InspectorFailed({ reason: `${method}: no answer` })
        })
      )

    const measure = Effect.gen(function* () {
      for (let i = 0; i < collections; i++) {
        yield* call("HeapProfiler.collectGarbage")
        yield* Effect.sleep("200 millis")
      }
      const { result } = yield* call("Runtime.evaluate", {
        expression: sizes,
        includeCommandLineAPI: true,
        returnByValue: true
      })
      const found = JSON.parse(String(result?.result?.value)) as Memory
      return {
        data: mebibytes(found.data),
        code: mebibytes(found.code),
        resident: mebibytes(found.resident)
      }
    })
    return { measure }
  })
