/**
 * How a supervised sidecar is started: its words without secrets, and the variables it may bring along. Pure.
 * Whoever can list processes can read a command line, so a secret that the environment carries as well leaves it.
 */
import { isAbsolute } from "node:path"
import * as Either from "effect/Either"
import { SidecarRefused } from "../domain/Errors.ts"
import type { Supervision } from "./Frames.ts"

export interface SidecarCommand {
  readonly argv: readonly [string, ...ReadonlyArray<string>]
  readonly cwd: string
  /** On top of the environment that every child of the broker gets. */
  readonly env: Readonly<Record<string, string>>
}

export const allowedVariables: ReadonlySet<string> = new Set([
  "AGENT_RELAY_DATA_DIR",
  "AGENT_RELAY_STATE_DIR",
  "AGENT_RELAY_HOME",
  "RELAY_WORKSPACE_KEY",
  "RELAY_API_KEY",
  "RELAY_BASE_URL",
  "RELAY_NODE_TOKEN",
  "PATH",
  "HOME",
  "SHELL"
])
const secretVariables = ["RELAY_WORKSPACE_KEY", "RELAY_API_KEY", "RELAY_NODE_TOKEN"]

const withoutSecrets = (argv: ReadonlyArray<string>, secrets: ReadonlySet<string>): ReadonlyArray<string> =>
  argv.filter((word, at) => {
    const next = argv[at + 1]
    const assigned = /^--?[\w-]+=(.*)$/s.exec(word)?.[1]
    const isValue = secrets.has(word) && /^--?[\w-]+$/.test(argv[at - 1] ?? "")
    const isOption = /^--?[\w-]+$/.test(word) && next !== undefined && secrets.has(next)
    return !isValue && !isOption && !(assigned !== undefined && secrets.has(assigned))
  })

const refuse = (field: string, reason: string) =>
  Either.left(new SidecarRefused({ code: "frame_failed", reason: `supervision.${field}: ${reason}`, retryable: false }))

export const commandOf = ({ argv, cwd, env = {} }: Supervision): Either.Either<SidecarCommand, SidecarRefused> => {
  if (!isAbsolute(cwd)) return refuse("cwd", "not an absolute path")
  const secrets = new Set(secretVariables.flatMap((name) => env[name] || []))
  const [program, ...words] = withoutSecrets(argv, secrets)
  if (program === undefined || program.trim() === "") return refuse("argv", "names no program")
  if ([program, ...words].some((word) => word.includes("\0"))) return refuse("argv", "a word has a NUL character")
  if ([program, ...words].some((word) => [...secrets].some((secret) => word.includes(secret)))) {
    return refuse("argv", "a word carries a secret; pass it in the environment")
  }
  return Either.right({
    argv: [program, ...words],
    cwd,
    env: Object.fromEntries(Object.entries(env).filter(([name]) => allowedVariables.has(name)))
  })
}
