/** `relay-broker send <to> <text…>` */
import * as Effect from "effect/Effect"
import { defaultWaitSecs, InvokeResult } from "../../api/invocations/api.ts"
import { SendResult } from "../../api/Shapes.ts"
import { isRecord, printJson as jsonText } from "../../domain/Json.ts"
import { choice, defineCommand, integer, someWords, text, word } from "../defineCommand.ts"
import { ActionFailed, ActionUnanswered, UsageError } from "../Failures.ts"
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

// `relay-broker invoke <action> [json]`

const readInput = (words: ReadonlyArray<string>) =>
  Effect.suspend(() => {
    const text = words.join(" ").trim()
    if (text === "") return Effect.succeed({})
    return Effect.try({
      try: (): unknown => JSON.parse(text),
      catch: (error) => new UsageError({ problem: `the input is not JSON: ${String(error)}`, command: "invoke" })
    }).pipe(
      Effect.filterOrFail(
        isRecord,
        () => new UsageError({ problem: "the input must be a JSON object", command: "invoke" })
      )
    )
  })

export const invoke = defineCommand({
  name: "invoke",
  summary: "Invoke an action through the engine, as the broker's own agent, and print what came of it.",
  parameters: {
    wait: integer("wait", "seconds", `How long to wait for the answer (default: ${defaultWaitSecs}). 0: not at all.`),
    ...brokerParameters
  },
  positionals: {
    action: word("action", "Name of the action; `spawn` and `release` are the engine's own."),
    input: someWords("json", "Its input, a JSON object (default: {}).", { atLeast: 0 })
  },
  examples: [
    'relay-broker invoke echo \'{"text": "hello"}\'',
    'relay-broker invoke spawn \'{"name": "reviewer", "cli": "codex"}\''
  ],
  run: (given) =>
    Effect.flatMap(readInput(given.input), (input) =>
      withBroker(given, ({ call }) =>
        Effect.gen(function* () {
          const { action, wait = defaultWaitSecs } = given
          const { raw, value } = yield* call({
            method: "POST",
            path: `/api/actions/${encodeURIComponent(action)}/invoke`,
            answer: InvokeResult,
            body: { input, wait_secs: wait },
            waitSecs: wait
          })
          const { error, invocation_id: id, output, status } = value
          if (given.json) yield* printJson(raw)
          else if (status === "completed") yield* printLines([harmless(jsonText(output))])
          else if (wait === 0) yield* printLines([`${harmless(id)} ${harmless(status)}`])
          if (status === "failed") return yield* new ActionFailed({ action, reason: error ?? "no reason was given" })
          if (status !== "completed" && wait > 0) yield* new ActionUnanswered({ action, id, status, waitedSecs: wait })
        })
      )
    )
})
