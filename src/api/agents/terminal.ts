/** Raw input, size and picture of an agent's terminal; errors of the coded family. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Broker } from "../../broker/Broker.ts"
import { Deliveries } from "../../delivery/Deliveries.ts"
import type { HeldMessage } from "../../delivery/Holding.ts"
import { isChannel } from "../../domain/Message.ts"
import { DeliveryMode } from "../../domain/Receipt.ts"
import type { Snapshot, SnapshotFormat } from "../../pty/Snapshot.ts"
import { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import { InputBody, ModeBody, ResizeBody } from "../Bodies.ts"
import { notAnUpgrade, type Reply } from "../http/Reply.ts"
import { queryOf, readJson } from "../http/requestBody.ts"
import { LocalApi } from "../LocalApi.ts"
import type { InputResult } from "../Shapes.ts"
import type { HeldEntry, SnapshotResult } from "./api.ts"

import { findWorker, refuse, refuseWrite } from "./findWorker.ts"

const writeLimit = "5 seconds"

interface NamedRequest {
  readonly path: { readonly name: string }
  readonly request: HttpServerRequest.HttpServerRequest
}

const timedOut = refuse(504, "worker_timeout", "the program did not read its input within 5 s")

/** Keystrokes of whoever. Interrupted at the limit: the writer drops what the program has not taken. */
export const writeInput =
  (registry: WorkerRegistry["Type"]) =>
  (name: string, data: string, o: { readonly human: boolean }): Effect.Effect<typeof InputResult.Type, Reply> =>
    Effect.gen(function* () {
      const worker = yield* findWorker(registry)(name)
      yield* worker
        .write(data, o)
        .pipe(Effect.mapError(refuseWrite), Effect.timeoutFail({ duration: writeLimit, onTimeout: () => timedOut }))
      return { name: worker.name, bytes_written: Buffer.byteLength(data) }
    })

export const makeTerminalRoutes = Effect.gen(function* () {
  const registry = yield* WorkerRegistry
  const find = findWorker(registry)
  const write = writeInput(registry)
  const readInput = readJson(InputBody)
  const readSize = readJson(ResizeBody)

  const input = ({ path, request }: NamedRequest) =>
    readInput(request).pipe(
      Effect.flatMap(({ data, human = false }) => write(path.name, data, { human })),
      Effect.merge
    )

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

const isMode = Schema.is(DeliveryMode)

const readMode = (given: string): Effect.Effect<DeliveryMode, Reply> => {
  const mode = given.trim().toLowerCase()
  return isMode(mode)
    ? Effect.succeed(mode)
    : Effect.fail(refuse(400, "invalid_mode", `unknown mode '${given}' (expected 'auto_inject' or 'manual_flush')`))
}

export const layerTerminal = HttpApiBuilder.group(LocalApi, "terminal", (handlers) =>
  Effect.gen(function* () {
    const { info } = yield* Broker
    const deliveries = yield* Deliveries
    const find = findWorker(yield* WorkerRegistry)
    const readModeBody = readJson(ModeBody)

    const heldEntry = ({ message, messageId, queuedAtMillis }: HeldMessage): typeof HeldEntry.Type => ({
      from: message.from,
      body: message.text,
      target: message.target,
      priority: message.priority ?? (isChannel(message.target) ? 3 : 2),
      mode: message.mode,
      queued_at_ms: queuedAtMillis,
      event_id: messageId,
      workspace_id: info.workspaceId,
      ...(info.workspaceAlias === undefined ? {} : { workspace_alias: info.workspaceAlias }),
      ...(message.threadId === undefined ? {} : { thread_id: message.threadId })
    })

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
      .handleRaw("deliveryMode", ({ path }) =>
        find(path.name).pipe(
          Effect.flatMap((worker) => worker.mode),
          Effect.map((mode) => ({ mode })),
          Effect.merge
        )
      )
      .handleRaw("setDeliveryMode", ({ path, request }) =>
        Effect.gen(function* () {
          const mode = yield* Effect.flatMap(readModeBody(request), (body) => readMode(body.mode))
          const { flushed } = yield* Effect.flatMap(find(path.name), (worker) => deliveries.setMode(worker, mode))
          return { mode, flushed }
        }).pipe(Effect.merge)
      )
      .handleRaw("pending", ({ path }) =>
        find(path.name).pipe(
          Effect.flatMap(deliveries.held),
          Effect.map((held) => ({ pending: held.map(heldEntry) })),
          Effect.merge
        )
      )
      .handleRaw("flush", ({ path }) =>
        find(path.name).pipe(
          Effect.flatMap(deliveries.flush),
          Effect.map((flushed) => ({ flushed })),
          Effect.merge
        )
      )
  })
)
