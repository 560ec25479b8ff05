/** Ids of deliveries and messages that begin here. Unpredictable enough not to meet across restarts. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { DeliveryId, MessageId } from "../domain/Ids.ts"

const hex = (digits: number): Effect.Effect<string> =>
  Effect.map(Effect.replicateEffect(Random.nextIntBetween(0, 16), digits), (nibbles) =>
    nibbles.map((nibble) => nibble.toString(16)).join("")
  )

export const makeDeliveryId: Effect.Effect<DeliveryId> = Effect.map(hex(24), (id) => DeliveryId.make(`del_${id}`))

/** `http` for sends through the API, `init` for initial tasks, `cont_load` for what a former session kept. */
export const makeMessageId = (kind: "http" | "init" | "cont_load"): Effect.Effect<MessageId> =>
  Effect.map(hex(24), (id) => MessageId.make(`${kind}_${id}`))
