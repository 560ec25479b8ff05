/**
 * The session ("thread") of a Codex command line. Codex cannot be given an id: a thread is made beforehand
 * (`codexThread`) and resumed (S 4.2).
 */
import type { Session } from "./argv.ts"
import type { LaunchContext } from "./Launch.ts"

/** Options that take the word after them, which is therefore no command. */
const takesValue = new Set([
  "-c",
  "--config",
  "-m",
  "--model",
  "-p",
  "--profile",
  "-s",
  "--sandbox",
  "-a",
  "--ask-for-approval",
  "-C",
  "--cd",
  "-i",
  "--image",
  "--add-dir",
  "--enable",
  "--disable",
  "--local-provider",
  "--remote"
])

/** Words that are neither options nor their values. */
export const codexWords = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.filter((argument, index) => !argument.startsWith("-") && !takesValue.has(args[index - 1] ?? ""))

/** A thread has to be made for this launch: nothing says which one to use, and no command or prompt is given. */
export const needsThread = ({ line, spec }: LaunchContext): boolean =>
  spec.sessionRef === undefined && codexWords(line.args).length === 0

export const codexSession = ({ findings, line, resumed, spec }: LaunchContext): Session => {
  const [command, id] = codexWords(line.args)
  const known = spec.sessionRef
  if (resumed && known !== undefined && command === undefined) {
    return { args: ["resume", known], id: known, resumed: true }
  }
  if (known !== undefined) return { args: [], id: known, resumed: resumed && command === "resume" && id === known }
  if (command === "resume" || command === "fork") {
    return { args: [], id: line.args.includes("--last") ? undefined : id, resumed: false }
  }
  const made = command === undefined ? findings.sessionId : undefined
  return { args: made === undefined ? [] : ["resume", made], id: made, resumed: false }
}
