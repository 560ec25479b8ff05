/** `relay-broker spawn <name>` */
import { resolve } from "node:path"
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { SpawnResult } from "../../api/Shapes.ts"
import type { CommandWords } from "../argv.ts"
import {
  connection,
  connectionWords,
  json,
  optionalList,
  optionalText,
  printJson,
  printLines,
  withBroker
} from "../options.ts"
import { harmless } from "../Paint.ts"
import { Surroundings } from "../Surroundings.ts"

export const words: CommandWords = {
  flags: ["--json"],
  valued: ["--cli", "--task", "--channels", "--cwd", "--model", ...connectionWords],
  maxWords: 1,
  passThrough: true
}

const parameters = {
  cli: optionalText("cli", "command", "Program to run, with arguments as in a shell (default: claude)."),
  task: optionalText("task", "text", "First message, typed as soon as the program is ready."),
  channels: optionalList("channels", "a,b", "Channels the agent belongs to (default: the broker's)."),
  cwd: optionalText("cwd", "dir", "Working directory of the program (default: this one)."),
  model: optionalText("model", "name", "Model, passed to the program as --model."),
  ...connection,
  json,
  name: Args.text({ name: "name" }).pipe(Args.withDescription("Name of the agent; unique among those that run here.")),
  args: Args.text({ name: "args" }).pipe(
    Args.withDescription("Further arguments of the program, after `--`."),
    Args.repeated
  )
}

export const command = Command.make("spawn", parameters, (given) =>
  withBroker(given, ({ call }) =>
    Effect.gen(function* () {
      const around = yield* Surroundings
      const { args, channels, cli, model, name, task } = given
      const body = { name, cli, args, channels, model, task, cwd: resolve(around.cwd, given.cwd ?? ".") }
      const { raw, value } = yield* call({ method: "POST", path: "/api/spawn", answer: SpawnResult, body })
      yield* given.json
        ? printJson(raw)
        : printLines([
            `${harmless(value.name)} runs${value.pid === null ? "" : ` (pid ${value.pid})`}`,
            ...(value.warning === null ? [] : [`warning: ${harmless(value.warning)}`])
          ])
    })
  )
).pipe(Command.withDescription("Start an agent; returns when its program runs."))
