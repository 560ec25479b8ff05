/**
 * What the routes accept. Clients write many fields in two spellings and send `null` for "none"; unknown keys are
 * tolerated everywhere. What the fields mean is in `SpawnBody` and `SendBody`.
 */
import * as Schema from "effect/Schema"

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true, exact: true })

/** The same field in each spelling. */
const spelled = <K extends string, A, I>(schema: Schema.Schema<A, I>, ...names: ReadonlyArray<K>) => {
  type Fields = { readonly [key in K]: Schema.optionalWith<Schema.Schema<A, I>, { nullable: true; exact: true }> }
  return Object.fromEntries(names.map((name) => [name, optional(schema)])) as Fields
}

const Terminal = Schema.Int.pipe(Schema.between(1, 65_535))

export const SpawnBody = Schema.Struct({
  ...spelled(Schema.String, "name", "cli", "transport", "runtime", "model", "task", "cwd", "team"),
  /** Members that are not strings are dropped. */
  ...spelled(Schema.Array(Schema.Unknown), "args", "channels"),
  ...spelled(Schema.String, "session_id", "sessionId"),
  ...spelled(Schema.String, "agent_token", "agentToken"),
  ...spelled(Schema.Boolean, "skip_relay_prompt", "skipRelayPrompt"),
  /** Labels without an effect. */
  ...spelled(Schema.String, "shadow_of", "shadowOf", "shadow_mode", "shadowMode"),
  ...spelled(Schema.String, "spawn_mode", "spawnMode"),
  ...spelled(Schema.Boolean, "exit_after_task", "exitAfterTask"),
  ...spelled(Schema.String, "continue_from", "continueFrom"),
  ...spelled(Schema.Number, "idle_threshold_secs", "idleThresholdSecs"),
  ...spelled(Schema.Unknown, "restart_policy", "restartPolicy"),
  ...spelled(Schema.Unknown, "agent_result_schema", "agentResultSchema", "resultSchema"),
  ...spelled(Schema.Unknown, "harness_config", "harnessConfig", "harness_plan", "harnessPlan"),
  ...spelled(Schema.Unknown, "harness_id", "harnessId"),
  /** Ours: the initial size of the terminal. */
  ...spelled(Terminal, "cols", "rows")
}).annotations({ identifier: "SpawnBody" })
export type SpawnBody = typeof SpawnBody.Type

export const PtyHarness = Schema.Struct({
  runtime: Schema.Literal("pty"),
  command: Schema.NonEmptyTrimmedString,
  args: optional(Schema.Array(Schema.String)),
  cwd: optional(Schema.String),
  env: optional(Schema.Record({ key: Schema.String, value: Schema.String })),
  sessionId: optional(Schema.String)
})

/** What it leaves out is filled in from `defaultRestartPolicy`. */
export const RestartPolicy = Schema.Struct({
  enabled: optional(Schema.Boolean),
  max_restarts: optional(Schema.NonNegativeInt),
  cooldown_ms: optional(Schema.NonNegativeInt),
  max_consecutive_failures: optional(Schema.NonNegativeInt)
})

export const SendBody = Schema.Struct({
  ...spelled(Schema.String, "to", "from"),
  ...spelled(Schema.String, "message", "text", "body", "content"),
  ...spelled(Schema.String, "thread", "thread_id", "threadId"),
  ...spelled(Schema.String, "workspaceId", "workspace_id", "workspaceAlias", "workspace_alias"),
  ...spelled(Schema.String, "mode", "injectionMode", "injection_mode"),
  /** 1 to 4 or low, normal, high, urgent. Without it, or with another: 3 in a channel, 2 else. */
  ...spelled(Schema.Unknown, "priority"),
  /** Sent by clients, without effect. */
  ...spelled(Schema.Unknown, "data")
}).annotations({ identifier: "SendBody" })
export type SendBody = typeof SendBody.Type

/** A blank model has an answer of its own. */
export const ModelBody = Schema.Struct({
  ...spelled(Schema.String, "model"),
  /** How long the gates before typing are waited for; 10 s when absent, at most 30 s. */
  ...spelled(Schema.Number, "timeout_ms", "timeoutMs")
})

/** Members that are not strings are dropped. */
export const ChannelsBody = Schema.Struct({ channels: Schema.Array(Schema.Unknown) })

export const PreflightBody = Schema.Struct({
  agents: Schema.Array(Schema.Struct(spelled(Schema.String, "name", "cli")))
})

export const ReleaseBody = Schema.Struct(spelled(Schema.String, "reason"))
export const InputBody = Schema.Struct({
  data: Schema.String,
  /** Ours: a person typed it; messages then wait until the person has been quiet for 2 s. */
  human: optional(Schema.Boolean)
})

/** Not checked against the agent's schema, as in 9.1.6. */
export const ResultBody = Schema.Struct({
  ...spelled(Schema.Unknown, "data", "result", "metadata"),
  ...spelled(Schema.String, "name", "agent"),
  ...spelled(Schema.Boolean, "final", "final_result")
})

/** A word that is no mode has an answer of its own. */
export const ModeBody = Schema.Struct({ mode: Schema.String })

/** 0 passes here: it has an answer of its own. */
const U16 = Schema.Int.pipe(Schema.between(0, 65_535))
export const ResizeBody = Schema.Struct({ rows: U16, cols: U16 })
