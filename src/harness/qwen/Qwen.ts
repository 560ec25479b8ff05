/**
 * Qwen Code, which comes from Gemini CLI. The caller chooses the session id, and the relay's server is in a file of this agent
 * (`--mcp-config` is additive).
 */
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { assemble, type Session } from "../argv.ts"
import { valueOf, without } from "../argvWords.ts"
import type { Harness } from "../Harness.ts"
import type { Injection, LaunchContext } from "../Launch.ts"
import { serverName } from "../McpServer.ts"
import { mcpServersJson } from "../mcpJson.ts"
import { channel } from "./Channel.ts"
import { qwen } from "./screen.ts"
import { transcriptsOf } from "./transcript.ts"

const namesSession = ["--session-id", "--resume", "-r"]
const goesOn = ["--continue", "-c"]

const injection = ({ directory, line, mcp }: LaunchContext): Injection | undefined => {
  if (mcp === undefined || line.args.some((argument) => /^--mcp-config(?:=|$)/.test(argument))) return undefined
  const path = join(directory, "mcp.json")
  const content = mcpServersJson({ [serverName]: { ...mcp, env: { ...mcp.env, ...mcp.resultEnv } } })
  return { args: ["--mcp-config", path], files: [{ path, content: () => content }] }
}

/** Only a session with a transcript can be gone on with; a new one gets an id of ours. */
const sessionOf = ({
  findings,
  freshId,
  line,
  resumed,
  spec
}: LaunchContext): {
  readonly given: ReadonlyArray<string>
  readonly session: Session
} => {
  const { args } = line
  const known = spec.sessionRef
  if (resumed && known !== undefined) {
    const given = without(args, [...namesSession, ...goesOn])
    return (findings.resumable ?? false)
      ? { given, session: { args: ["--resume", known], id: known, resumed: true } }
      : { given, session: { args: ["--session-id", freshId], id: freshId, resumed: false } }
  }
  const named = valueOf(args, namesSession)
  if (named !== undefined || args.some((argument) => goesOn.includes(argument))) {
    return { given: args, session: { args: [], id: named ?? undefined, resumed: false } }
  }
  return { given: args, session: { args: ["--session-id", freshId], id: freshId, resumed: false } }
}

export const Qwen: Harness = {
  family: "qwen",
  launch: {
    tools: injection,
    plan: (context) =>
      assemble(context, {
        ...sessionOf(context),
        bypass: [{ flag: "--yolo", unless: (argument) => /^(?:--yolo|-y|--approval-mode)(?:=|$)/.test(argument) }],
        mcp: injection(context)
      }),
    inquire: ({ environment, resumed, spec }) =>
      resumed && spec.sessionRef !== undefined
        ? Effect.map(transcriptsOf(environment, spec.sessionRef), (paths) => ({ resumable: paths.length > 0 }))
        : Effect.succeed({})
  },
  terminal: qwen,
  channel
}
