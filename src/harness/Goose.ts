/** goose. An extension is added for one session on the command line and inherits its environment; the model is a variable. */
import { assemble } from "./argv.ts"
import type { Harness } from "./Harness.ts"
import type { Injection, LaunchContext } from "./Launch.ts"
import { choosesModel, wantedModel } from "./model.ts"
import { goose } from "./terminal/lineEditors.ts"

const interactive = new Set(["session", "run"])

/** Nothing more than the program: a session, as goose itself takes it. */
const given = ({ line }: LaunchContext) => (line.args.length === 0 ? ["session"] : line.args)

const injection = (context: LaunchContext): Injection | undefined => {
  const { mcp } = context
  const [command = ""] = given(context)
  return mcp === undefined || !interactive.has(command)
    ? undefined
    : { args: ["--with-extension", [mcp.command, ...mcp.args].join(" ")], env: mcp.env }
}

/** The extension is an option of the command, and stands behind it. */
const withExtension = (context: LaunchContext): ReadonlyArray<string> => {
  const [command = "", ...others] = given(context)
  return [command, ...(injection(context)?.args ?? []), ...others]
}

const modelEnv = ({ line, spec }: LaunchContext): Readonly<Record<string, string>> => {
  const model = wantedModel(spec)
  return model === undefined || choosesModel(line.args) ? {} : { GOOSE_MODEL: model }
}

export const Goose: Harness = {
  family: "goose",
  launch: {
    tools: injection,
    plan: (context) =>
      assemble(context, {
        given: withExtension(context),
        model: [],
        env: modelEnv(context),
        mcp: { env: injection(context)?.env ?? {} }
      })
  },
  terminal: goose
}
