/**
 * One answer per invocation id, kept so that the engine's repeat of a frame gets the same one (it runs any handler over
 * 30 s again). Pure; bounded: answered entries leave oldest first.
 */
import type { InvocationId } from "../domain/Ids.ts"
import type { Json } from "../domain/Json.ts"
import type { InvocationRecord } from "../store/Store.ts"

export type Answer = { readonly output: Json } | { readonly error: string }

export type Entry = { readonly _tag: "Open" } | { readonly _tag: "Answered"; readonly answer: Answer }

/** Makes the engine place the invocation elsewhere, or here again: an answer that says that nothing was answered. */
export const handlerUnavailable = "handler_unavailable"

/** Whether a repeat of the frame gets the same answer; otherwise it is asked anew. */
export const isFinal = (answer: Answer) => !("error" in answer) || answer.error !== handlerUnavailable

export const ledgerLimit = 2_000

/** `spawn:codex` → `spawn_failed`. */
export const failureWord = (action: string): string => `${action.split(":")[0]}_failed`

export class InvocationLedger {
  private readonly entries = new Map<InvocationId, Entry>()

  /** Undefined: never seen, and open from now on. */
  open(id: InvocationId): Entry | undefined {
    const known = this.entries.get(id)
    if (known === undefined) this.entries.set(id, { _tag: "Open" })
    return known
  }

  /** What a former run left: an invocation that was open then ended with it, whatever it had done by then. */
  restore(records: ReadonlyArray<InvocationRecord>): void {
    for (const { action, answer, invocationId } of records) {
      this.answer(
        invocationId,
        answer ?? { error: `${failureWord(action)}: the broker restarted while it was running` }
      )
    }
  }

  /** It was taken back: the next of this id is a new one. */
  forget(id: InvocationId): void {
    this.entries.delete(id)
  }

  answer(id: InvocationId, answer: Answer): void {
    this.entries.delete(id)
    if (!isFinal(answer)) return
    this.entries.set(id, { _tag: "Answered", answer })
    for (const [oldest, entry] of this.entries) {
      if (this.entries.size <= ledgerLimit) break
      if (entry._tag === "Answered") this.entries.delete(oldest)
    }
  }
}
