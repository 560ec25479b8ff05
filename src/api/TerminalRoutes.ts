/** Raw input and size of an agent's terminal (S 2.6); errors of the coded family. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import type { PtyBacklogFull, PtyClosed } from "../domain/Errors.ts"
import type { Worker } from "../workers/Worker.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { InputBody, ResizeBody } from "./Bodies.ts"
import { coded, type Reply } from "./Replies.ts"
import { readJson } from "./RequestBody.ts"

const writeLimit = "5 seconds"

interface NamedRequest {
  readonly path: { readonly name: string }
  readonly request: HttpServerRequest.HttpServerRequest
}

const refuse = (status: number, code: string, reason: string) => coded(status, code, `${code}: ${reason}`)
const timedOut = refuse(504, "worker_timeout", "the program did not read its input within 5 s")

const refuseWrite = (error: PtyClosed | PtyBacklogFull): Reply =>
  error._tag === "PtyClosed"
    ? refuse(503, "worker_disappeared", error.message)
    : refuse(504, "worker_timeout", error.message)

export const makeTerminalRoutes = Effect.gen(function* () {
  const registry = yield* WorkerRegistry
  const readInput = readJson(InputBody)
  const readSize = readJson(ResizeBody)

  const find = (name: string): Effect.Effect<Worker, Reply> =>
    registry
      .find(name)
      .pipe(
        Effect.flatMap((found) =>
          Effect.mapError(found, () => refuse(404, "agent_not_found", `no worker named '${name}'`))
        )
      )

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
