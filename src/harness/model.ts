/** `--model M` before the arguments, unless they choose a model themselves (S 4.2). */
import type { AgentSpec } from "../domain/AgentSpec.ts"
import type { CommandLine } from "./Launch.ts"

const choosesModel = (argument: string) => /^(?:--model|-m)(?:=|$)/.test(argument)

export const withModel = (line: CommandLine, { model }: AgentSpec): CommandLine =>
  model === undefined || model.trim() === "" || line.args.some(choosesModel)
    ? line
    : { ...line, args: ["--model", model, ...line.args] }
