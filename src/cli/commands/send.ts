/** `relay-broker send <to> <text…>` */
import * as Effect from "effect/Effect"
import { SendResult } from "../../api/Shapes.ts"
import { choice, defineCommand, someWords, text, word } from "../defineCommand.ts"
import { harmless } from "../Paint.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

/** A channel message may be both: posted for all its members, and queued for those here. */
const describe = ({ event_id, local, relaycast_published, targets }: typeof SendResult.Type): string => {
  const here = targets.map(harmless).join(", ")
  if (!relaycast_published) return `queued for ${here} (${event_id})`
  return local ? `posted as ${event_id}, and queued for ${here}` : `posted as ${event_id}`
}

export const send = defineCommand({
  name: "send",
  summary: "Send a message to an agent or a channel.",
  parameters: {
    from: text("from", "name", "Sender as the recipient sees it (default: the broker)."),
    thread: text("thread", "id", "Message id of the thread to answer in."),
    mode: choice(
      "mode",
      ["wait", "steer"],
      "wait, the default: in turn. steer: before the messages that wait, interrupting the agent where its program can be."
    ),
    ...brokerParameters
  },
  positionals: {
    to: word("to", "An agent (name or @name) or a channel ('#name')."),
    text: someWords("text", "The message; several words are joined. After -- it may start with a dash.", { atLeast: 1 })
  },
  examples: ['relay-broker send reviewer "Please look at the tests too."', "relay-broker send '#general' done"],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.gen(function* () {
        const { from, mode, thread, to } = given
        const body = { to, message: given.text.join(" "), from, thread, mode }
        const { raw, value } = yield* call({ method: "POST", path: "/api/send", answer: SendResult, body })
        yield* given.json ? printJson(raw) : printLines([describe(value)])
      })
    )
})
