/** A bug of ours, noticed and survived. */
import * as Schema from "effect/Schema"

export class InternalError extends Schema.TaggedError<InternalError>()("InternalError", {
  /** The part of the broker it happened in, as operators may name it in a report. */
  where: Schema.String,
  /** One line, without what the defect was about: no message text, no token. */
  reason: Schema.String
}) {
  override get message() {
    return `a bug in the ${this.where}: ${this.reason}`
  }
}

const longest = 200

/** What a defect says of itself, on one line. Total, whatever was thrown. */
export const describeDefect = (defect: unknown): string => {
  try {
    const text = defect instanceof Error ? `${defect.name}: ${defect.message}` : String(defect)
    return text.replace(/\s+/gu, " ").trim().slice(0, longest) || "no reason was given"
  } catch {
    return "no reason was given"
  }
}
