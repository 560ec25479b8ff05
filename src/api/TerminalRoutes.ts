/** Raw input and size of an agent's terminal (S 2.6); errors of the coded family. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { InputBody, ResizeBody } from "./Bodies.ts"
import { findWorker, refuse, refuseWrite } from "./FindWorker.ts"
import { readJson } from "./RequestBody.ts"

const writeLimit = "5 seconds"

interface NamedRequest {
  readonly path: { readonly name: string }
  readonly request: HttpServerRequest.HttpServerRequest
}

const timedOut = refuse(504, "worker_timeout", "the program did not read its input within 5 s")

export const makeTerminalRoutes = Effect.gen(function* () {
  const registry = yield* WorkerRegistry
  const find = findWorker(registry)
  const readInput = readJson(InputBody)
  const readSize = readJson(ResizeBody)

  /** Interrupted at the limit: the writer drops what the program has not taken. */
  const input = ({ path, request }: NamedRequest) =>
    Effect.gen(function* () {
      const { data } = yield* readInput(request)
      const worker = yield* find(path.name)
      yield* worker
        .write(data)
        .pipe(Effect.mapError(refuseWrite), Effect.timeoutFail({ duration: writeLimit, onTimeout: () => timedOut }))
      return { name: worker.name, bytes_written: Buffer.byteLength(data) }
    }).pipe(Effect.merge)

  const resize = ({ path, request }: NamedRequest) =>
    Effect.gen(function* () {
      const { cols, rows } = yield* readSize(request)
      if (rows === 0 || cols === 0) {
        return yield* Effect.fail(refuse(400, "invalid_request", "rows and cols must be greater than zero"))
      }
      const worker = yield* find(path.name)
      yield* Effect.mapError(worker.resize(cols, rows), refuseWrite)
      return { name: worker.name, rows, cols }
    }).pipe(Effect.merge)

  return { input, resize } as const
})
