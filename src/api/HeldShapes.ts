/** What the routes about held messages answer. */
import * as Schema from "effect/Schema"
import { InjectionMode } from "../domain/Message.ts"
import { DeliveryMode } from "../domain/Receipt.ts"

const Text = Schema.String
const Count = Schema.Number
const known = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

export const ModeResult = Schema.Struct({ mode: DeliveryMode })
export const ModeSet = Schema.Struct({ mode: DeliveryMode, flushed: Count })
export const Flushed = Schema.Struct({ flushed: Count })

export const HeldEntry = Schema.Struct({
  from: Text,
  body: Text,
  target: Text,
  priority: Count,
  mode: InjectionMode,
  queued_at_ms: Count,
  thread_id: known(Text),
  workspace_id: known(Text),
  workspace_alias: known(Text),
  event_id: known(Text)
})

export const PendingList = Schema.Struct({ pending: Schema.Array(HeldEntry) })
