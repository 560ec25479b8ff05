/** Families that can be run for one message without a terminal (S 3.5). */
import type { Harness } from "./Harness.ts"
import type { CommandLine } from "./Launch.ts"

export interface HeadlessRules {
  readonly provider: string
  /** Before the arguments of the family. */
  readonly args: ReadonlyArray<string>
  readonly environment: Readonly<Record<string, string>>
}

const rules: ReadonlyArray<HeadlessRules> = [
  { provider: "claude", args: ["-p"], environment: {} },
  {
    provider: "opencode",
    args: ["run"],
    environment: { OPENCODE_PERMISSION: '{"*":"allow","external_directory":{"*":"allow"}}' }
  }
]

/** The sentence is 9.1.6's (S 2.4). */
export const notHeadless = (cli: string): string => {
  const supported = rules.map(({ provider }) => provider).join(", ")
  return `provider '${cli}' does not support headless transport (supported: ${supported})`
}

export const headlessRulesOf = ({ family }: Harness): HeadlessRules | undefined =>
  rules.find(({ provider }) => provider === family)

export interface HeadlessCall {
  readonly commandLine: CommandLine
  /** The message, when it is too long for a command line: both programs read it there, too. */
  readonly input: string | undefined
}

/** One argument may have 128 KiB on Linux, and all of them together what the stack allows. */
const argumentBytes = 96 * 1024

/** The message as it is, as the last argument; a blank before one that would pass for an option. NUL ends an argument, so it goes. */
export const headlessCall = ({ args }: HeadlessRules, line: CommandLine, message: string): HeadlessCall => {
  const text = message.replaceAll("\0", "")
  const before = [...args, ...line.args]
  return Buffer.byteLength(text) > argumentBytes
    ? { commandLine: { command: line.command, args: before }, input: text }
    : {
        commandLine: { command: line.command, args: [...before, text.startsWith("-") ? ` ${text}` : text] },
        input: undefined
      }
}
