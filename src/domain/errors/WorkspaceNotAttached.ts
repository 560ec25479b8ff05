/** One of several listed workspaces, not the one that is worked in, does not let the broker in. Never carries its key. */
import * as Schema from "effect/Schema"

export class WorkspaceNotAttached extends Schema.TaggedError<WorkspaceNotAttached>()("WorkspaceNotAttached", {
  /** Its place in the list, and how it is called there. */
  membership: Schema.String,
  /** The variable that lists it. */
  source: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.membership} of ${this.source} is not attached: ${this.reason}`
  }
}
