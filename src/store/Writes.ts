/** What is written, as data: the same writes, in the same order, go to every adapter of the store. */
import type { AgentName, DeliveryId, InvocationId } from "../domain/Ids.ts"
import type { Delivery } from "../domain/Message.ts"
import type { ChannelName, Evidence } from "../domain/Receipt.ts"
import type {
  AgentRecord,
  AlertRecord,
  CrashRecord,
  CursorRecord,
  DeadLetterRecord,
  InvocationRecord,
  UndoRecord
} from "./Store.ts"

export type Answer = NonNullable<InvocationRecord["answer"]>

export type Write =
  | { readonly _tag: "Received"; readonly delivery: Delivery; readonly numbered: boolean; readonly atMillis: number }
  | { readonly _tag: "Typing"; readonly deliveryIds: ReadonlyArray<DeliveryId>; readonly atMillis: number }
  | { readonly _tag: "Waiting"; readonly deliveryIds: ReadonlyArray<DeliveryId> }
  | {
      readonly _tag: "Submitted"
      readonly deliveryId: DeliveryId
      readonly evidence: Evidence
      readonly channel: ChannelName
      readonly atMillis: number
    }
  | { readonly _tag: "Unproven"; readonly deliveryId: DeliveryId; readonly reason: string }
  | { readonly _tag: "Acked"; readonly cursor: CursorRecord; readonly atMillis: number }
  | { readonly _tag: "Cursor"; readonly cursor: CursorRecord }
  | { readonly _tag: "Buried"; readonly letter: DeadLetterRecord }
  | { readonly _tag: "Redelivered"; readonly deliveryId: DeliveryId; readonly as: DeliveryId }
  | { readonly _tag: "LettersPurged"; readonly deliveryId: string | undefined }
  | { readonly _tag: "Agent"; readonly record: AgentRecord }
  | {
      readonly _tag: "InvocationOpened"
      readonly invocationId: InvocationId
      readonly action: string
      readonly atMillis: number
    }
  | {
      readonly _tag: "InvocationAnswered"
      readonly invocationId: InvocationId
      readonly answer: Answer
      readonly atMillis: number
    }
  | { readonly _tag: "InvocationForgotten"; readonly invocationId: InvocationId }
  | { readonly _tag: "UndoOwed"; readonly record: UndoRecord }
  | { readonly _tag: "Undone"; readonly name: AgentName }
  | { readonly _tag: "Crashed"; readonly crash: CrashRecord }
  | { readonly _tag: "Alert"; readonly record: AlertRecord }
  | { readonly _tag: "EventsNumbered"; readonly upTo: number }

const rowBytes = 512

/** About what it costs on disk: bounds a transaction and a backlog, so a guess will do. */
export const bytesOf = (write: Write): number => {
  switch (write._tag) {
    case "Received":
      return rowBytes + write.delivery.message.text.length
    case "Buried":
      return rowBytes + (write.letter.message?.text.length ?? 0) + (write.letter.raw?.length ?? 0)
    case "Typing":
    case "Waiting":
      return rowBytes * Math.max(1, write.deliveryIds.length)
    default:
      return rowBytes
  }
}
