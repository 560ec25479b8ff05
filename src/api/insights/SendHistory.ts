/** The last sends through this API, for the list of threads. In memory, at most 1,000. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ThreadMessage } from "../threads.ts"

const mostMessages = 1_000
/** Of a message only the preview is shown. */
const mostCharacters = 400

export class SendHistory extends Context.Tag("relay-broker/api/SendHistory")<
  SendHistory,
  {
    readonly add: (message: ThreadMessage) => Effect.Effect<void>
    readonly all: Effect.Effect<ReadonlyArray<ThreadMessage>>
  }
>() {
  static readonly layer = Layer.sync(SendHistory, () => {
    const messages: Array<ThreadMessage> = []
    return SendHistory.of({
      add: (message) =>
        Effect.sync(() => {
          messages.push({ ...message, text: message.text.slice(0, mostCharacters) })
          if (messages.length > mostMessages) messages.shift()
        }),
      all: Effect.sync(() => [...messages])
    })
  })
}
