/** A session in a program that serves agents over HTTP, which this broker delivers to and did not start. */
import * as Schema from "effect/Schema"

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

export const AppServerAuth = Schema.Union(
  Schema.Struct({ type: Schema.Literal("bearer"), token: Schema.NonEmptyString }),
  Schema.Struct({ type: Schema.Literal("basic"), username: Schema.NonEmptyString, password: Schema.NonEmptyString })
)
export type AppServerAuth = typeof AppServerAuth.Type

/** What becomes of the session when the agent is released: it stays, its turn is ended, or it is deleted. */
export const ReleasePolicy = Schema.Literal("detach", "abort", "delete")
export type ReleasePolicy = typeof ReleasePolicy.Type

export const AppServer = Schema.Struct({
  protocol: Schema.Literal("opencode"),
  /** An http(s) address without a trailing slash. */
  endpoint: Schema.NonEmptyString,
  sessionId: Schema.NonEmptyString,
  release: ReleasePolicy,
  auth: optional(AppServerAuth),
  /** The serving program's pid, to be shown. */
  hostPid: optional(Schema.Int)
})
export type AppServer = typeof AppServer.Type
