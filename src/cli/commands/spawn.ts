/** `relay-broker spawn <name>` */
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import { SpawnResult } from "../../api/Shapes.ts"
import { defineCommand, flag, list, someWords, text, word } from "../defineCommand.ts"
import { harmless } from "../Paint.ts"
import { Surroundings } from "../Surroundings.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

export const spawn = defineCommand({
  name: "spawn",
  summary: "Start an agent; returns when its program runs.",
  parameters: {
    cli: text("cli", "command", "Program to run, with arguments as in a shell (default: claude)."),
    task: text("task", "text", "First message, typed as soon as the program is ready."),
    channels: list("channels", "a,b", "Channels the agent belongs to (default: the broker's)."),
    cwd: text("cwd", "dir", "Working directory of the program (default: this one)."),
    model: text("model", "name", "Model, passed to the program as --model."),
    restart: flag("restart", "Start the program again when it ends: 5 times at most, after growing pauses."),
    ...brokerParameters
  },
  positionals: {
    name: word("name", "Name of the agent; unique among those that run here."),
    args: someWords("args", "Further arguments of the program, after --.", { atLeast: 0 })
  },
  passThrough: true,
  examples: [
    'relay-broker spawn reviewer --cli codex --task "Review the last commit."',
    "relay-broker spawn worker --cwd ../service -- --verbose"
  ],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.gen(function* () {
        const around = yield* Surroundings
        const { args, channels, cli, model, name, task } = given
        const body = {
          ...{ name, cli, args, channels, model, task },
          ...(given.restart ? { restartPolicy: {} } : {}),
          cwd: resolve(around.cwd, given.cwd ?? ".")
        }
        const { raw, value } = yield* call({ method: "POST", path: "/api/spawn", answer: SpawnResult, body })
        yield* given.json
          ? printJson(raw)
          : printLines([
              `${harmless(value.name)} runs${value.pid === null ? "" : ` (pid ${value.pid})`}`,
              ...(value.warning === null ? [] : [`warning: ${harmless(value.warning)}`])
            ])
      })
    )
})
