/**
 * What Qwen Code (0.15.10, 0.24.4) writes into its event file (`--json-file`), one JSON document a line, beside its screen: the
 * messages of a user at the moment in which they go to the model, what waits in its queue not before. Pure.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { Signal } from "../Channel.ts"
import { parsedJson } from "../jsonEntry.ts"

const Started = Schema.Struct({
  type: Schema.Literal("system"),
  subtype: Schema.Literal("session_start"),
  session_id: Schema.NonEmptyString
})
const User = Schema.Struct({
  type: Schema.Literal("user"),
  parent_tool_use_id: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
  message: Schema.Struct({ content: Schema.Union(Schema.String, Schema.Array(Schema.Unknown)) })
})
const decode = Schema.decodeUnknownEither(Schema.Union(Started, User))

const Text = Schema.Struct({ type: Schema.Literal("text"), text: Schema.String })
const isText = Schema.is(Text)

/** Nearly all lines are pieces of answers, which say nothing here: they are not even parsed. */
const tells = (line: string): boolean => /^\{"type":"(?:user|system)"/.test(line)

/** `expected`: the session that was to be gone on with. */
export const signalsOf = (line: string, expected: string | undefined): ReadonlyArray<Signal> => {
  if (!tells(line)) return []
  return Either.match(decode(parsedJson(line)), {
    onLeft: () => [],
    onRight: (event): ReadonlyArray<Signal> => {
      if (event.type === "system") {
        const id = event.session_id
        const isLost = expected !== undefined && expected !== id
        const lost: ReadonlyArray<Signal> = isLost
          ? [{ _tag: "SessionLost", id: expected, reason: "qwen began a new session" }]
          : []
        return [...lost, { _tag: "Session", id, resumed: id === expected }]
      }
      const { content } = event.message
      const text =
        typeof content === "string"
          ? content
          : content
              .filter(isText)
              .map((part) => part.text)
              .join("\n")
      // Results of tools are a user's messages too, and a subagent's belong to its tool.
      return text === "" || event.parent_tool_use_id !== null
        ? []
        : [{ _tag: "Taken", which: { text }, proof: "taken_with_text" }]
    }
  })
}
