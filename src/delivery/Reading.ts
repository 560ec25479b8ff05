/** What a frame of the node session is to the book: an arrival with its content. Pure. */

import { printJson } from "../domain/Json.ts"
import type { RelayMessage } from "../domain/Message.ts"
import type { Deliver } from "../wire/Inbound.ts"
import { readPayload } from "../wire/Payload.ts"

/** What the book carries for each frame. */
export type Content =
  | { readonly _tag: "Typed"; readonly message: RelayMessage }
  /** Known and not for the agent: confirmed at once. */
  | { readonly _tag: "Silent" }
  | { readonly _tag: "Unknown"; readonly payloadType: string }
  | { readonly _tag: "Undecodable"; readonly reason: string; readonly raw: string }

/** Kept of a frame that could not be read. */
const rawLimit = 16_384

export const contentOf = (frame: Deliver, workspace: string | undefined): Content => {
  const reading = readPayload(frame, workspace)
  return reading._tag === "Typed"
    ? { _tag: "Typed", message: reading.message }
    : reading._tag === "Silent"
      ? { _tag: "Silent" }
      : { _tag: "Unknown", payloadType: reading.payloadType }
}

export const undecodable = (reason: string, raw: unknown): Content => ({
  _tag: "Undecodable",
  reason,
  raw: printJson(raw).slice(0, rawLimit)
})

/** What it takes in memory, about. */
export const sizeOf = (content: Content): number =>
  content._tag === "Typed" ? content.message.text.length : content._tag === "Undecodable" ? content.raw.length : 0
