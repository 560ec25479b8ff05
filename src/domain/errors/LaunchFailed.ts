/** What an agent's program needs before it starts could not be set up; nothing of it is left. */
import * as Schema from "effect/Schema"

export class LaunchFailed extends Schema.TaggedError<LaunchFailed>()("LaunchFailed", {
  /** What was being done, with the path or command concerned. */
  step: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.step}: ${this.reason}`
  }
}
