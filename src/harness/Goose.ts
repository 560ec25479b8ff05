/** goose. An extension is added for one session on the command line and inherits its environment; the model is a variable. */
import { assemble, type Injection } from "./argv.ts"
import type { Harness } from "./Harness.ts"
import type { LaunchContext } from "./Launch.ts"
import { choosesModel, wantedModel } from "./model.ts"
import { goose } from "./terminal/lineEditors.ts"

const interactive = new Set(["session", "run"])

/** Nothing more than the program: a session, as goose itself takes it. */
const given = ({ line }: LaunchContext) => (line.args.length === 0 ? ["session"] : line.args)

const injection = (context: LaunchContext): Injection | undefined => {
  const { mcp } = context
  const [command = ""] = given(context)
  return mcp === undefined || !interactive.has(command) ? undefined : { env: mcp.env }
}

const withExtension = (context: LaunchContext): ReadonlyArray<string> => {
  const args = given(context)
  const { mcp } = context
  return injection(context) === undefined || mcp === undefined
    ? args
    : [args[0]!, "--with-extension", [mcp.command, ...mcp.args].join(" "), ...args.slice(1)]
}

const modelEnv = ({ line, spec }: LaunchContext): Readonly<Record<string, string>> => {
  const model = wantedModel(spec)
  return model === undefined || choosesModel(line.args) ? {} : { GOOSE_MODEL: model }
}

export const Goose: Harness = {
  family: "goose",
  launch: {
    plan: (context) =>
      assemble(context, {
        given: withExtension(context),
        model: [],
        env: modelEnv(context),
        mcp: injection(context)
      })
  },
  terminal: goose
}
