/** Messages that no longer move: of a live agent, longer than the reason for waiting explains. */
import * as Schema from "effect/Schema"
import { WaitingReason } from "../Receipt.ts"

export class DeliveryStuck extends Schema.TaggedError<DeliveryStuck>()("DeliveryStuck", {
  agent: Schema.String,
  reason: WaitingReason,
  /** Since the last message was submitted, or the oldest one came. */
  ageMillis: Schema.Number,
  waiting: Schema.Int
}) {
  override get message() {
    const what = this.waiting === 1 ? "1 message" : `${this.waiting} messages`
    return `${what} for "${this.agent}" not typed for ${Math.round(this.ageMillis / 1_000)} s: ${this.reason.replaceAll("_", " ")}`
  }
}
