/** From the body of `POST /api/send`, with its many spellings, to a request of the `Outbox`. Plain functions. */
import * as Either from "effect/Either"
import type { SendRequest } from "../delivery/Outbox.ts"
import { priorities, priorityLabel } from "../domain/Message.ts"
import type { SendBody } from "./Bodies.ts"
import { legacy, type Reply } from "./http/Reply.ts"

const filled = (...values: ReadonlyArray<string | undefined>) =>
  values.find((value) => value !== undefined && value.trim() !== "")?.trim()

/**
 * The sender as others will read it; `undefined` is the broker itself, which also speaks for the dashboard and for
 * people without a name. A person's `human:` prefix is dropped.
 */
export const senderOf = (from: string | undefined, selfName: string): string | undefined => {
  const given = filled(from)
  const plain = filled(given?.replace(/^human:/i, ""))
  if (given === undefined || plain === undefined) return undefined
  const own = new Set(["dashboard", "human:orchestrator", selfName.toLowerCase()])
  return own.has(given.toLowerCase()) || own.has(plain.toLowerCase()) ? undefined : plain
}

/** A number from 1 to 4 or its word; anything else is none, as 9.1.6 has it of all. */
const readPriority = (given: unknown): number | undefined => {
  if (typeof given === "string") return priorities[given.trim().toLowerCase()]
  return typeof given === "number" && priorityLabel(given) !== undefined ? given : undefined
}

export const readSend = (body: SendBody, selfName: string): Either.Either<SendRequest, Reply> => {
  const to = filled(body.to)
  const text = filled(body.message, body.text, body.body, body.content)
  const mode = filled(body.mode, body.injectionMode, body.injection_mode)?.toLowerCase() ?? "wait"
  if (to === undefined || text === undefined) {
    return Either.left(legacy(400, "Missing required fields: to, message"))
  }
  if (mode !== "wait" && mode !== "steer") {
    return Either.left(legacy(400, `invalid mode '${mode}'. expected 'wait' or 'steer'`))
  }
  return Either.right({
    to,
    text,
    mode,
    from: senderOf(body.from, selfName),
    threadId: filled(body.thread, body.thread_id, body.threadId),
    priority: readPriority(body.priority),
    workspaceId: filled(body.workspaceId, body.workspace_id),
    workspaceAlias: filled(body.workspaceAlias, body.workspace_alias)
  })
}
