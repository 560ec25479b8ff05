/**
 * What Gemini CLI's hooks (0.61.0) say, and how it comes here: it knows command hooks only. One shell writes what it is given
 * into a directory of this agent, so that no program has to be there that speaks HTTP, no token is needed, and a hook takes
 * milliseconds. Pure.
 *
 * Invariants: 1. a message is `Taken` by `BeforeAgent`, which comes for every text that begins a turn and for nothing else: not
 * for one that waits in its queue, not for a slash command; or by the answer to `AfterTool`, in the middle of a turn · 2. the hooks print nothing and succeed whatever happens, and
 * without the variable, in a session of the user's own, they do nothing.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { isRecord } from "../../domain/Json.ts"
import type { Signal } from "../Channel.ts"

/** Names that begin so are never taken out of what hooks and servers inherit, whatever its redaction of variables is set to. */
const prefix = "GEMINI_CLI_"
export const spoolVariable = `${prefix}RELAY_HOOKS`

const ready = `d="\${${spoolVariable}:-}"; [ -d "$d" ] || exit 0;`

/** One process: the shell becomes `cat`. A name is not used again before its file was read, unless 4 million processes came between. */
const told = `${ready} exec cat >"$d/$$.json"`
/** After a tool: a message for the running turn, when there is one, is the hook's answer, and is put back as taken. */
const steered = `${ready} cat >/dev/null; mv "$d/steer" "$d/$$" 2>/dev/null && cat "$d/$$" && mv "$d/$$" "$d/$$.json"; exit 0`

/** The name of what waits for the next tool. */
export const steerName = "steer"
export const steerDocument = (text: string): string =>
  JSON.stringify({ hookSpecificOutput: { hookEventName: "AfterTool", additionalContext: text } })

/** What a hook adds to a tool's result has its `<`, `>` and `&` written as entities. Those of the reminder before it do not count. */
export const isChanged = (text: string): boolean =>
  /[<>&]/.test(text.replace(/^<system-reminder>[\s\S]*?<\/system-reminder>\n/, ""))

export const hookCommands = {
  SessionStart: told,
  BeforeAgent: told,
  AfterTool: steered,
  AfterAgent: told
} as const

const Hook = Schema.Union(
  Schema.Struct({
    hook_event_name: Schema.Literal("SessionStart"),
    session_id: Schema.NonEmptyString,
    source: Schema.String
  }),
  Schema.Struct({ hook_event_name: Schema.Literal("BeforeAgent"), prompt: Schema.String }),
  Schema.Struct({
    hookSpecificOutput: Schema.Struct({
      hookEventName: Schema.Literal("AfterTool"),
      additionalContext: Schema.String
    })
  })
)
const decode = Schema.decodeUnknownEither(Hook)

/** The turn has come to its end, if it was not broken off. */
export const endsTurn = (hook: unknown): boolean => isRecord(hook) && hook["hook_event_name"] === "AfterAgent"

/** `expected`: the session that was to be gone on with. */
export const signalsOf = (hook: unknown, expected: string | undefined): ReadonlyArray<Signal> =>
  Either.match(decode(hook), {
    onLeft: () => [{ _tag: "Sign" }],
    onRight: (known): ReadonlyArray<Signal> => {
      if ("hookSpecificOutput" in known) {
        const { additionalContext: text } = known.hookSpecificOutput
        return [{ _tag: "Taken", which: { text }, proof: "taken_with_text" }]
      }
      if (known.hook_event_name === "BeforeAgent") {
        return [{ _tag: "Taken", which: { text: known.prompt }, proof: "taken_with_text" }]
      }
      const { session_id: id, source } = known
      const resumed = source === "resume" || id === expected
      const lost: ReadonlyArray<Signal> =
        expected === undefined || source !== "startup" || id === expected
          ? []
          : [{ _tag: "SessionLost", id: expected, reason: "gemini began a new session" }]
      return [...lost, { _tag: "Session", id, resumed }]
    }
  })
