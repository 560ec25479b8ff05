/** `relay-broker input <name> <text…|->` */
import * as Effect from "effect/Effect"
import { InputResult } from "../../api/Shapes.ts"
import { defineCommand, flag, someWords, word } from "../defineCommand.ts"
import { harmless } from "../Paint.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

const readStdin = Effect.promise(async () => {
  let text = ""
  process.stdin.setEncoding("utf8")
  for await (const chunk of process.stdin) text += chunk
  return text
})

export const input = defineCommand({
  name: "input",
  summary: "Type into an agent's terminal, as it is: no message, no Enter.",
  parameters: {
    enter: flag("enter", "Enter after it."),
    human: flag("human", "As if a person typed it: nothing is injected for 2 s after it."),
    ...brokerParameters
  },
  positionals: {
    name: word("name", "The agent."),
    text: someWords("text", "What to type; several words are joined. - reads standard input.", { atLeast: 1 })
  },
  examples: ["relay-broker input reviewer --enter /compact", "printf '\\x1b' | relay-broker input reviewer -"],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.gen(function* () {
        const { enter, human, name, text } = given
        const typed = text.length === 1 && text[0] === "-" ? yield* readStdin : text.join(" ")
        const { raw, value } = yield* call({
          method: "POST",
          path: `/api/input/${encodeURIComponent(name)}`,
          answer: InputResult,
          body: { data: enter ? `${typed}\r` : typed, human }
        })
        yield* given.json
          ? printJson(raw)
          : printLines([`${value.bytes_written} bytes typed into ${harmless(value.name)}`])
      })
    )
})
