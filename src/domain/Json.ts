/** JSON values as the engine's wire schemas know them: finite numbers, no `undefined`. */
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
