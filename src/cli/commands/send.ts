/** `relay-broker send <to> <text…>` */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { SendResult } from "../../api/Shapes.ts"
import type { CommandWords } from "../argv.ts"
import { connection, connectionWords, json, optionalText, printJson, printLines, withBroker } from "../options.ts"
import { harmless } from "../Paint.ts"

export const words: CommandWords = {
  flags: ["--json"],
  valued: ["--from", "--thread", "--mode", ...connectionWords],
  maxWords: Number.POSITIVE_INFINITY
}

const parameters = {
  from: optionalText("from", "name", "Sender as the recipient sees it (default: the broker)."),
  thread: optionalText("thread", "id", "Message id of the thread to answer in."),
  mode: Options.choice("mode", ["wait", "steer"]).pipe(
    Options.withDescription("wait: after the agent's turn. steer: interrupts it."),
    Options.withDefault("wait")
  ),
  ...connection,
  json,
  to: Args.text({ name: "to" }).pipe(Args.withDescription("An agent (name or @name) or a channel ('#name').")),
  text: Args.text({ name: "text" }).pipe(
    Args.withDescription("The message; several words are joined. After `--` it may start with a dash."),
    Args.atLeast(1)
  )
}

const describe = (sent: typeof SendResult.Type): string =>
  sent.local
    ? `delivered to ${sent.targets.map(harmless).join(", ")} (${sent.event_id})`
    : `published to the engine (${sent.event_id})`

export const command = Command.make("send", parameters, (given) =>
  withBroker(given, ({ call }) =>
    Effect.gen(function* () {
      const { from, mode, text, thread, to } = given
      const body = { to, message: text.join(" "), from, thread, mode }
      const { raw, value } = yield* call({ method: "POST", path: "/api/send", answer: SendResult, body })
      yield* given.json ? printJson(raw) : printLines([describe(value)])
    })
  )
).pipe(Command.withDescription("Send a message to an agent or a channel."))
