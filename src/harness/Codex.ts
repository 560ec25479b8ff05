/**
 * Codex. All its settings can be given as `--config key=TOML`, which is the only per-run form it has; variables are named in
 * `env_vars` (codex 0.48, October 2025) and inherited, so that their values are not on the command line.
 */
import { assemble } from "./argv.ts"
import { inquire } from "./codexInquiry.ts"
import { codexSession } from "./codexSession.ts"
import type { Harness } from "./Harness.ts"
import type { Injection, LaunchContext } from "./Launch.ts"
import { formerServerName, serverName } from "./McpServer.ts"
import { choosesModel, modelArgs } from "./model.ts"
import { codex } from "./terminal/codex.ts"

/** A basic string of TOML: JSON's escapes are its own, but for DEL. */
const tomlString = (text: string): string => JSON.stringify(text).replaceAll("\u007f", "\\u007f")
const tomlArray = (texts: ReadonlyArray<string>): string => `[${texts.map(tomlString).join(",")}]`

const updateCheck = "check_for_update_on_startup"

const injection = ({ line, mcp }: LaunchContext): Injection | undefined => {
  if (mcp === undefined) return undefined
  const mentions = (...words: ReadonlyArray<string>) =>
    line.args.some((argument) => words.some((word) => argument.includes(word)))
  const settings: Array<string> = []
  if (!mentions(updateCheck)) settings.push(`${updateCheck}=false`)
  if (!mentions(`mcp_servers.${serverName}`, `mcp_servers.${formerServerName}`)) {
    const at = `mcp_servers.${serverName}`
    const inherited = [...Object.keys(mcp.env), ...Object.keys(mcp.resultEnv)]
    settings.push(
      `${at}.command=${tomlString(mcp.command)}`,
      `${at}.args=${tomlArray(mcp.args)}`,
      `${at}.env_vars=${tomlArray(inherited)}`
    )
  }
  return { args: settings.flatMap((setting) => ["--config", setting]), env: mcp.env }
}

/** The model that is really there (`codexInquiry`), in the place of the one that was asked for. */
const withModel = ({ findings, line, spec }: LaunchContext) => {
  const { model } = findings
  if (model === undefined) return { given: line.args, model: modelArgs(line.args, spec) }
  if (!choosesModel(line.args)) return { given: line.args, model: ["--model", model] }
  const given = line.args.map((argument, index) => {
    if (/^(?:--model|-m)$/.test(line.args[index - 1] ?? "")) return model
    return argument.replace(/^(--model|-m)=.*$/, `$1=${model}`)
  })
  return { given, model: [] }
}

export const Codex: Harness = {
  family: "codex",
  launch: {
    tools: injection,
    plan: (context) =>
      assemble(context, {
        ...withModel(context),
        bypass: [
          {
            flag: "--dangerously-bypass-approvals-and-sandbox",
            unless: (argument) => /dangerously-bypass|full-auto/.test(argument)
          }
        ],
        mcp: injection(context),
        session: codexSession(context)
      }),
    inquire
  },
  terminal: codex
}
