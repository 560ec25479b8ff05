/** A notification that could not be posted. It names the origin only: the rest of such an address is often a secret. */
import * as Schema from "effect/Schema"

export class WebhookFailed extends Schema.TaggedError<WebhookFailed>()("WebhookFailed", {
  origin: Schema.String,
  reason: Schema.String,
  /** Undefined when nothing was answered. */
  status: Schema.optionalWith(Schema.Int, { exact: true })
}) {
  override get message() {
    return `alert webhook at ${this.origin}: ${this.reason}`
  }
}
