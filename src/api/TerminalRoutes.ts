/** Raw input, size and picture of an agent's terminal (S 2.6); errors of the coded family. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import type { Snapshot, SnapshotFormat } from "../pty/Snapshot.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { InputBody, ResizeBody } from "./Bodies.ts"
import { findWorker, refuse, refuseWrite } from "./FindWorker.ts"
import { LocalApi } from "./LocalApi.ts"
import { queryOf } from "./queryOf.ts"
import { notAnUpgrade } from "./Replies.ts"
import { readJson } from "./RequestBody.ts"
import type { SnapshotResult } from "./TerminalGroup.ts"

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
      const { data, human = false } = yield* readInput(request)
      const worker = yield* find(path.name)
      yield* worker
        .write(data, { human })
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

const formats: ReadonlyArray<SnapshotFormat> = ["plain", "text", "ansi"]

const base64 = (text: string) => Buffer.from(text).toString("base64")

/** Escape sequences travel in base64, as clients expect of `screen`. */
const snapshotBody = ({ resume, screen, ...picture }: Snapshot): typeof SnapshotResult.Type =>
  picture.format === "ansi" ? { ...picture, screen: base64(screen), resume: base64(resume) } : { ...picture, screen }

export const layerTerminal = HttpApiBuilder.group(LocalApi, "terminal", (handlers) =>
  Effect.gen(function* () {
    const find = findWorker(yield* WorkerRegistry)
    return handlers
      .handleRaw("snapshot", ({ path, request }) =>
        Effect.gen(function* () {
          const asked = queryOf(request.url).get("format") ?? "plain"
          const format = formats.find((known) => known === asked)
          if (format === undefined) {
            const reason = `unsupported snapshot format '${asked}', expected plain, text or ansi`
            return yield* Effect.fail(refuse(400, "invalid_format", reason))
          }
          const worker = yield* find(path.name)
          return snapshotBody(yield* worker.snapshot(format))
        }).pipe(Effect.merge)
      )
      .handleRaw("inputStream", () => Effect.succeed(notAnUpgrade))
  })
)
