/**
 * Codex. Its settings are given as `--config key=TOML`, to its screen and to its app-server, which is the one that reads them;
 * variables are named in `env_vars` (codex 0.48, October 2025) and inherited, so that their values are on no command line.
 */
import * as Effect from "effect/Effect"
import { findCommand } from "../../pty/CommandLookup.ts"
import { assemble } from "../argv.ts"
import { type ChannelContext, ChannelUnavailable } from "../Channel.ts"
import { runCommand } from "../commands.ts"
import type { Harness } from "../Harness.ts"
import type { Injection, LaunchContext } from "../Launch.ts"
import { formerServerName, serverName } from "../McpServer.ts"
import { choosesModel, modelArgs } from "../model.ts"
import * as AppServer from "./AppServer.ts"
import * as channel from "./channel.ts"
import { inquire } from "./inquiry.ts"
import { nativeProgram } from "./native.ts"
import { codexSession, codexWords, lostSession } from "./session.ts"
import { codex } from "./terminal.ts"

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

/** The model that is really there (`inquiry`), in the place of the one that was asked for. */
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

/**
 * Without an app-server of ours codex starts one per user (0.171), which outlives the broker with the environment of the first
 * agent. Older ones know nothing of this setting and do not mind.
 */
const alone: Injection = { args: ["--config", "features.daemon_auto_start=false"] }

/** Commands of codex that open a screen; other first words are a prompt, or open none. */
const opensScreen = new Set<string | undefined>([undefined, "resume", "fork"])
const commands =
  /^(?:agents|exec|e|review|login|logout|mcp|plugin|app-server|remote-control|completion|update|doctor|sandbox|debug|apply|queue|archive|delete|migrate-rollouts|migrate-nfs-db|unarchive|cloud|exec-server|features|help)$/
const isInteractive = (args: ReadonlyArray<string>): boolean => {
  const [word] = codexWords(args)
  return opensScreen.has(word) || !commands.test(word ?? "")
}

/** Options that `--remote` refuses or leaves out (0.171), so that the user's wish would be lost. */
const notRemote = /^(?:--remote|--add-dir|--oss|--local-provider|-p|--profile|--worktree|--no-daemon)(?:=|$)/
/** Permissions are the thread's own once it is saved: `--remote` refuses them for one that is resumed (0.171). */
const takesPermission = new Set(["-s", "--sandbox", "-a", "--ask-for-approval"])
const permission =
  /^(?:-s|--sandbox|-a|--ask-for-approval|--dangerously-bypass-approvals-and-sandbox|--yolo|--full-auto|--approve-for-me)(?:=|$)/
const withoutPermissions = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.filter((argument, index) => !permission.test(argument) && !takesPermission.has(args[index - 1] ?? ""))

/** Settings: the app-server reads them, and the screen has some of its own. */
const setting = /^(?:-c|--config|--enable|--disable|--strict-config)(?:=|$)/

const serverSettings = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.flatMap((argument, index) => {
    if (!setting.test(argument)) return []
    const value = args[index + 1]
    return argument.includes("=") || argument === "--strict-config" || value === undefined
      ? [argument]
      : [argument, value]
  })

const helpMillis = 5_000

const openChannel = (context: ChannelContext) =>
  Effect.gen(function* () {
    const { directory, environment, line, spec } = context
    const place = { cwd: spec.cwd, env: environment }
    const unavailable = (reason: string) => new ChannelUnavailable({ channel: "app_server", reason })
    if (!isInteractive(line.args)) return yield* unavailable(`codex ${codexWords(line.args)[0]} shows no screen`)
    const unsuited = line.args.find((argument) => notRemote.test(argument))
    const [word] = codexWords(line.args)
    if (word === "resume" || word === "fork") {
      return yield* unavailable(`codex takes no permissions for a thread that it is told to ${word} at a server`)
    }
    if (unsuited !== undefined) return yield* unavailable(`codex takes ${unsuited} only without a server of its own`)
    const found = yield* Effect.mapError(findCommand({ command: line.command, ...place }), ({ reason }) =>
      unavailable(reason)
    )
    const program = yield* nativeProgram(found)
    const help = yield* runCommand({ command: program, args: ["--help"] }, place, helpMillis)
    if (!/--remote <[\s\S]*unix:\/\//.test(help.stdout))
      return yield* unavailable("this codex knows no --remote unix://")
    const { args = [], env = {} } = injection(context) ?? {}
    return yield* channel.open({
      directory,
      toolsServer: serverName,
      lostSession: lostSession(context),
      start: AppServer.start({
        commandLine: { command: program, args: [...serverSettings(line.args), ...args, "app-server"] },
        cwd: spec.cwd,
        env: { ...environment, ...env }
      })
    })
  })

const bypass = {
  flag: "--dangerously-bypass-approvals-and-sandbox",
  unless: (argument: string) => /dangerously-bypass|full-auto|^--yolo$/.test(argument)
}

export const Codex: Harness = {
  family: "codex",
  launch: {
    tools: injection,
    plan: (context) => {
      const session = codexSession(context)
      const { given, model } = withModel(context)
      const isKept = context.channel !== undefined && session.resumed
      return assemble(context, {
        given: isKept ? withoutPermissions(given) : given,
        model,
        bypass: isKept ? [] : [bypass],
        channel: context.channel ?? (isInteractive(context.line.args) ? alone : {}),
        mcp: injection(context),
        session
      })
    },
    inquire
  },
  channel: { name: "app_server", open: openChannel },
  terminal: codex
}
