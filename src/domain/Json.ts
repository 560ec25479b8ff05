/** JSON values as the engine's wire schemas know them: finite numbers, no `undefined`. And how text from outside is read. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"

export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

export const Json: Schema.Schema<Json> = Schema.suspend(() =>
  Schema.Union(
    Schema.String,
    Schema.JsonNumber,
    Schema.Boolean,
    Schema.Null,
    Schema.Array(Json),
    Schema.Record({ key: Schema.String, value: Json })
  )
)

export const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** As JSON text; never throws, however deep or odd the value is. */
export const printJson = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? "null"
  } catch {
    return "(not printable)"
  }
}

/**
 * How deep text from outside may be nested. What reads, formats or prints it afterwards recurses: at some thousand levels
 * that ends in a stack overflow, which is a defect in whatever fiber was reading.
 */
export const maxNesting = 128

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [...'"\\[]{}'].map((sign) =>
  sign.charCodeAt(0)
)

/** Whether JSON text is nested deeper than `limit` levels; looks at each character once, and at no string's content. */
export const isNestedDeeper = (text: string, limit: number): boolean => {
  if (text.length <= limit) return false
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === backslash) at += 1
      else if (code === quote) inString = false
    } else if (code === quote) inString = true
    else if (code === openBracket || code === openBrace) {
      depth += 1
      if (depth > limit) return true
    } else if (code === closeBracket || code === closeBrace) depth -= 1
  }
  return false
}

/** Why text could not be read as JSON. */
export type JsonProblem = "not JSON" | "nested too deeply"

const parsed = (text: string): Either.Either<unknown, JsonProblem> => {
  try {
    return Either.right(JSON.parse(text))
  } catch {
    return Either.left("not JSON")
  }
}

/** Reads JSON text from outside. Total: never throws, whatever the text is; what it gives is at most `maxNesting` deep. */
export const parseJson = (text: string): Either.Either<unknown, JsonProblem> =>
  isNestedDeeper(text, maxNesting) ? Either.left("nested too deeply") : parsed(text)

/** As `parseJson`, for text that is worth reading although a part of it is too deep: that part is `"(left out)"`. Total. */
export const parseJsonPruned = (text: string): Either.Either<unknown, JsonProblem> =>
  isNestedDeeper(text, maxNesting) ? Either.map(parsed(text), (value) => pruned(value, maxNesting)) : parsed(text)

/** Recurses to `levels` at most. */
const pruned = (value: unknown, levels: number): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (levels === 0) return "(left out)"
  return Array.isArray(value)
    ? value.map((item) => pruned(item, levels - 1))
    : Object.fromEntries(Object.entries(value).map(([key, field]) => [key, pruned(field, levels - 1)]))
}
