/** From a failure to the one line a person reads, the output that explains it, and the exit code a script reads. Plain functions. */
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import { harmless, plain } from "./Paint.ts"

export interface Verdict {
  /** 1: it failed while it ran; 2: the arguments were wrong. */
  readonly exitCode: 1 | 2
  readonly cause: string
  readonly wayOut: string
  /** The end of what a program said before it failed, if one did. */
  readonly output: ReadonlyArray<string>
}

const outputLines = 10

/** Ways out of what can stop a broker from starting; the sentences of the errors themselves are matched by clients. */
const waysOut: Readonly<Record<string, string>> = {
  AlreadyRunning: "stop it with `relay-broker stop`, or choose another --instance-name or --state-dir",
  PortInUse: "choose another --api-port (0: a free one) or --api-bind",
  ConfigInvalid: "correct it and start again",
  IdentityUnavailable: "make it readable for this user",
  StateUnusable: "make it usable for this user, or choose another --state-dir",
  Unauthorized: "check the workspace key (--workspace-key, AGENT_RELAY_WORKSPACE_KEY)",
  EngineUnavailable: "check RELAY_BASE_URL and the network, and start again",
  EngineRejected: "check the workspace key and RELAY_BASE_URL",
  RateLimited: "wait, and start again",
  LaunchFailed: "make it possible, or put the server agent-relay there by hand",
  NodeIdMismatch: "choose another node name with --name"
}

const field = (error: unknown, name: string): string => {
  if (typeof error !== "object" || error === null || !(name in error)) return ""
  const value: unknown = error[name as keyof typeof error]
  return typeof value === "string" ? value : ""
}

const oneLine = (text: string) => harmless(plain(text)).replace(/\s+/g, " ").trim()

/** The last lines with something in them; of a line that was written over, what it was in the end. */
export const lastLines = (text: string): ReadonlyArray<string> =>
  text
    .split(/\r?\n/)
    .map((line) => harmless(plain(line.replace(/\r+$/, "").split("\r").at(-1) ?? "")).trimEnd())
    .filter((line) => line !== "")
    .slice(-outputLines)

const ofFailure = (error: unknown, command: string): Verdict => {
  if (ValidationError.isValidationError(error)) {
    const cause = oneLine(HelpDoc.toAnsiText(error.error)).replace(/\.$/, "")
    return {
      exitCode: 2,
      cause,
      wayOut: `see \`relay-broker ${command === "" ? "" : `${command} `}--help\``,
      output: []
    }
  }
  const tag = field(error, "_tag")
  const isArgument =
    tag === "UsageError" ||
    tag === "NotCarriedOver" ||
    (tag === "ConfigInvalid" && field(error, "source").startsWith("--"))
  return {
    exitCode: isArgument ? 2 : 1,
    cause: oneLine(field(error, "message") || tag || String(error)),
    wayOut: field(error, "wayOut") || (waysOut[tag] ?? "RELAY_LOG_LEVEL=debug says more"),
    output: lastLines(field(error, "lastOutput"))
  }
}

export const verdictOf = (cause: Cause.Cause<unknown>, command: string): Verdict =>
  Option.match(Cause.failureOption(cause), {
    onSome: (error) => ofFailure(error, command),
    onNone: () => ({
      exitCode: 1,
      cause: oneLine(`internal error: ${Cause.prettyErrors(cause)[0]?.message ?? "unknown"}`),
      wayOut: "this is a bug, please report it; RELAY_LOG_LEVEL=debug shows where it is",
      output: []
    })
  })
