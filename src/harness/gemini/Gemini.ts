/**
 * Gemini CLI. The relay's tools and its hooks are in an extension (`extension.ts`), which names variables of this agent's
 * environment in the place of values.
 */
import * as Effect from "effect/Effect"
import { assemble, type Session } from "../argv.ts"
import { valueOf, without } from "../argvWords.ts"
import type { Harness } from "../Harness.ts"
import type { Injection, LaunchContext } from "../Launch.ts"
import { serverName } from "../McpServer.ts"
import { dollarReference, references, stdioEntry } from "../mcpJson.ts"
import { channel } from "./Channel.ts"
import { extensionEntries, serverEntry } from "./extension.ts"
import { gemini } from "./screen.ts"
import { transcriptsOf } from "./transcript.ts"

const injection = ({ environment, mcp }: LaunchContext): Injection | undefined => {
  if (mcp === undefined) return undefined
  const entry = stdioEntry({ ...mcp, env: references(mcp.env, dollarReference) })
  return { env: mcp.env, entries: [...extensionEntries(environment), serverEntry(environment, entry)] }
}

/** Where the user chose the extensions, ours is one of them. */
const extensions = ({ line }: LaunchContext): ReadonlyArray<string> =>
  line.args.some((argument) => /^(?:--extensions|-e)(?:=|$)/.test(argument)) ? ["-e", serverName] : []

/** Its hooks say which session it has. Only one that has a transcript can be gone on with. */
const sessionOf = ({
  findings,
  line,
  resumed,
  spec
}: LaunchContext): { given: ReadonlyArray<string>; session: Session } => {
  const known = spec.sessionRef
  if (resumed && known !== undefined && (findings.resumable ?? false)) {
    const given = without(line.args, ["--resume", "-r", "--session-id"])
    return { given, session: { args: ["--resume", known], id: known, resumed: true } }
  }
  const named = valueOf(line.args, ["--session-id"]) ?? undefined
  return { given: line.args, session: { args: [], id: named, resumed: false } }
}

export const Gemini: Harness = {
  family: "gemini",
  launch: {
    tools: injection,
    plan: (context) => {
      const { given, session } = sessionOf(context)
      return assemble(context, {
        given: [...extensions(context), ...given],
        session,
        bypass: [{ flag: "--yolo", unless: (argument) => /^(?:--yolo|-y|--approval-mode)(?:=|$)/.test(argument) }],
        // For this session only, in the place of an entry in the user's list of trusted folders.
        env: { GEMINI_CLI_TRUST_WORKSPACE: "true" },
        mcp: injection(context)
      })
    },
    inquire: ({ environment, resumed, spec }) =>
      resumed && spec.sessionRef !== undefined
        ? Effect.map(transcriptsOf(environment, spec.sessionRef), (paths) => ({ resumable: paths.length > 0 }))
        : Effect.succeed({})
  },
  terminal: gemini,
  channel
}
