/** There is no log to be read. */
import * as Schema from "effect/Schema"

export class NoLog extends Schema.TaggedError<NoLog>()("NoLog", { path: Schema.String, reason: Schema.String }) {
  override get message() {
    return `cannot read ${this.path}: ${this.reason}`
  }
  get wayOut() {
    return "see `relay-broker agents`, and name the broker's --state-dir if it is another one"
  }
}
