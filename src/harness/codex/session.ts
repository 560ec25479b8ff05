/**
 * The session ("thread") of a Codex command line. Codex cannot be given an id: a fresh one is told by its app-server. One to
 * go on with is resumed, when it was saved: a thread is, with its first message (0.171).
 */
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type { Ask } from "../Ask.ts"
import type { Session } from "../argv.ts"
import type { LaunchContext } from "../Launch.ts"

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
  "--remote",
  "--remote-auth-token-env"
])

/** Words that are neither options nor their values. */
export const codexWords = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.filter((argument, index) => !argument.startsWith("-") && !takesValue.has(args[index - 1] ?? ""))

/** This launch shall go on with a thread of before, and no word of its own says which. */
const toResume = ({ line, resumed, spec }: LaunchContext): string | undefined =>
  resumed && codexWords(line.args).length === 0 ? spec.sessionRef : undefined

export const codexSession = (context: LaunchContext): Session => {
  const { findings, line, resumed, spec } = context
  const [command, id] = codexWords(line.args)
  const known = spec.sessionRef
  const thread = toResume(context)
  if (thread !== undefined) {
    return findings.resumable === false
      ? { args: [], id: undefined, resumed: false }
      : { args: ["resume", thread], id: thread, resumed: true }
  }
  if (known !== undefined) return { args: [], id: known, resumed: resumed && command === "resume" && id === known }
  if (command === "resume" || command === "fork") {
    return { args: [], id: line.args.includes("--last") ? undefined : id, resumed: false }
  }
  return { args: [], id: undefined, resumed: false }
}

/** The thread that this launch should have gone on with, and that was not saved. */
export const lostSession = (context: LaunchContext): string | undefined =>
  context.findings.resumable === false ? toResume(context) : undefined

const dayMillis = 24 * 60 * 60 * 1_000

/** When an id was made; undefined when it does not tell (UUIDs of version 7 do). */
const madeAt = (id: string): number | undefined => {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-/.exec(id) ?? []
  return high === undefined || low === undefined ? undefined : Number.parseInt(high + low, 16)
}

/**
 * Whether the thread was saved: `sessions/<year>/<month>/<day>/rollout-<time>-<id>.jsonl` below its home, by the day on which
 * it was made, in some time zone. Undefined: nothing can be said.
 */
export const isSaved = (id: string, { environment }: LaunchContext, ask: Ask): Effect.Effect<boolean | undefined> => {
  const millis = madeAt(id)
  if (millis === undefined) return Effect.succeed(undefined)
  const home = environment["CODEX_HOME"] ?? join(environment["HOME"] ?? "/", ".codex")
  const days = [millis - dayMillis, millis, millis + dayMillis].map((at) =>
    new Date(at).toISOString().slice(0, 10).replaceAll("-", "/")
  )
  return Effect.map(
    Effect.forEach(days, (day) => ask.entries(join(home, "sessions", day))),
    (found) => found.flat().some((name) => name.startsWith("rollout-") && name.includes(id))
  )
}

export const findSession = (context: LaunchContext, ask: Ask): Effect.Effect<{ readonly resumable?: boolean }> => {
  const thread = toResume(context)
  if (thread === undefined) return Effect.succeed({})
  return Effect.map(isSaved(thread, context, ask), (resumable) => (resumable === undefined ? {} : { resumable }))
}
