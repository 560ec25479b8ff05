/** The one failure of a spawn that is answered to nobody. */
import * as Schema from "effect/Schema"

/**
 * The link was lost before the agent of an invocation was registered. The engine takes the invocation away then and
 * places it anew: going on here could make a second process.
 */
export class InvocationWithdrawn extends Schema.TaggedError<InvocationWithdrawn>()("InvocationWithdrawn", {
  agent: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `spawn of '${this.agent}' given back to the engine: ${this.reason}`
  }
}
