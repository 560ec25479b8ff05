/** What happens to an attached agent, as its viewer hears of it on `/ws`. */
import * as Effect from "effect/Effect"
import type { RawData } from "ws"
import type { ApiClient } from "../ApiClient.ts"

export type Happening =
  | { readonly _tag: "Output"; readonly chunk: string; readonly position: number }
  | { readonly _tag: "AgentResized"; readonly cols: number; readonly rows: number }
  | { readonly _tag: "MaybeEnded"; readonly how: string }
  /** Output was withheld, and perhaps none follows that would tell. */
  | { readonly _tag: "Missed" }
  | { readonly _tag: "HeldChanged" }
  | { readonly _tag: "Typed"; readonly data: string }
  | { readonly _tag: "LocalResize" }
  | { readonly _tag: "Redraw" }
  | { readonly _tag: "Hangup" }
  | { readonly _tag: "Notice"; readonly text: string }
  | { readonly _tag: "Lost"; readonly reason: string }

interface Told {
  readonly kind?: unknown
  readonly name?: unknown
  readonly chunk?: unknown
  readonly position?: unknown
  readonly cols?: unknown
  readonly rows?: unknown
  readonly code?: unknown
  readonly signal?: unknown
  readonly missedStreamChunks?: unknown
}

/** Kinds after which the number of held messages may be another. */
const heldKinds: ReadonlySet<unknown> = new Set([
  "delivery_queued",
  "delivery_dropped",
  "delivery_injected",
  "agent_pending_drained",
  "agent_inbound_delivery_mode_changed"
])

/** Undefined: nothing that a viewer of this agent acts on. */
export const happeningOf = (event: Told, name: string): Happening | undefined => {
  const { chunk, code, cols, kind, position, rows, signal } = event
  if (kind === "replay_gap") return Number(event.missedStreamChunks) > 0 ? { _tag: "Missed" } : undefined
  if (event.name !== name) return undefined
  if (kind === "worker_stream" && typeof chunk === "string" && typeof position === "number") {
    return { _tag: "Output", chunk, position }
  }
  if (kind === "agent_resized" && typeof cols === "number" && typeof rows === "number") {
    return { _tag: "AgentResized", cols, rows }
  }
  if (kind === "agent_exited") {
    const how = typeof code === "number" ? `exit code ${code}` : typeof signal === "string" ? `signal ${signal}` : ""
    return { _tag: "MaybeEnded", how }
  }
  if (kind === "agent_released") return { _tag: "MaybeEnded", how: "released" }
  return heldKinds.has(kind) ? { _tag: "HeldChanged" } : undefined
}

/** Old events come first: their numbers, and what is left of them after a snapshot, tell them apart. */
export const listen = (client: ApiClient, name: string, offer: (happening: Happening) => void) =>
  Effect.map(client.socket("/ws"), (socket) => {
    socket.on("message", (data: RawData) => {
      const happening = happeningOf(JSON.parse(data.toString()) as Told, name)
      if (happening !== undefined) offer(happening)
    })
    socket.on("close", () => offer({ _tag: "Lost", reason: "the connection was closed" }))
  })
