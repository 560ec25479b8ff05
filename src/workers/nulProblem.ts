/**
 * Where an agent's command line or environment has a NUL; undefined when nowhere. The system ends every word and variable
 * there: the program would get something else than was asked for, or end at once without a reason. Values are not repeated.
 */
import type { AgentSpec } from "../domain/AgentSpec.ts"

type Given = Pick<AgentSpec, "args" | "cli" | "cwd" | "env" | "model" | "sessionRef">

export const nulProblem = ({ args, cli, cwd, env = {}, model = "", sessionRef = "" }: Given): string | undefined => {
  const texts: ReadonlyArray<readonly [string, string]> = [
    ["cli", cli],
    ["cwd", cwd],
    ["model", model],
    ["the session id", sessionRef],
    ...args.map((text, at) => [`args[${at}]`, text] as const),
    ...Object.entries(env).map(([name, value]) => [`env ${JSON.stringify(name)}`, name + value] as const)
  ]
  const found = texts.find(([, text]) => text.includes("\0"))
  return found && `${found[0]} has a NUL character`
}
