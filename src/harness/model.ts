/** `--model M` before the arguments, unless they choose a model themselves (S 4.2). */
import type { AgentSpec } from "../domain/AgentSpec.ts"

const chooses = (argument: string) => /^(?:--model|-m)(?:=|$)/.test(argument)

export const choosesModel = (args: ReadonlyArray<string>): boolean => args.some(chooses)

export const wantedModel = ({ model }: Pick<AgentSpec, "model">): string | undefined =>
  model === undefined || model.trim() === "" ? undefined : model

export const modelArgs = (args: ReadonlyArray<string>, spec: Pick<AgentSpec, "model">): ReadonlyArray<string> => {
  const model = wantedModel(spec)
  return model === undefined || choosesModel(args) ? [] : ["--model", model]
}
