/** The agent that a path names, or the refusal of the coded family. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { PtyBacklogFull, PtyClosed } from "../../domain/Errors.ts"
import type { Worker } from "../../injection/Worker.ts"
import type { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import { coded, type Reply } from "../http/Reply.ts"

/** The message keeps its code as a prefix, as clients know it. */
export const refuse = (status: number, code: string, reason: string): Reply => coded(status, code, `${code}: ${reason}`)

export const noWorker = (name: string): Reply => refuse(404, "agent_not_found", `no worker named '${name}'`)

/** What metrics and channels say of the same thing. */
export const unknownWorker = (name: string): Reply => coded(404, "agent_not_found", `unknown worker '${name}'`)

export const refuseWrite = (error: PtyClosed | PtyBacklogFull): Reply =>
  error._tag === "PtyClosed"
    ? refuse(503, "worker_disappeared", error.message)
    : refuse(504, "worker_timeout", error.message)

export const findWorker =
  (registry: WorkerRegistry["Type"]) =>
  (name: string): Effect.Effect<Worker, Reply> =>
    Effect.flatMap(
      registry.find(name),
      Option.match({ onNone: () => Effect.fail(noWorker(name)), onSome: Effect.succeed })
    )
