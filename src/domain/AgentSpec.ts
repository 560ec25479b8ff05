/** What to run for one agent. Both spellings that clients send are folded into this shape by the API. */
import * as Schema from "effect/Schema"
import { AppServer } from "./AppServer.ts"
import { AgentName } from "./Ids.ts"
import { RestartPolicy } from "./RestartPolicy.ts"

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

export const AgentSpec = Schema.Struct({
  name: AgentName,
  /** Command line of the program, split as a shell splits words. */
  cli: Schema.NonEmptyString,
  /** Further arguments, after those of `cli`. */
  args: Schema.Array(Schema.String),
  /** Channels the agent belongs to, without a leading `#`. */
  channels: Schema.Array(Schema.String),
  /** Absolute, existing directory. */
  cwd: Schema.String,
  /** Typed first, as soon as the program is ready. */
  task: optional(Schema.String),
  /** The task says that the program shall be left when it is done. */
  exitAfterTask: optional(Schema.Boolean),
  model: optional(Schema.String),
  team: optional(Schema.String),
  sessionRef: optional(Schema.String),
  /** Who asked: shown as `parent` in the API. */
  parent: optional(Schema.String),
  /** Extra environment variables of the program. */
  env: optional(Schema.Record({ key: Schema.String, value: Schema.String })),
  /** Quiet for so long is idle; 0: never before two minutes. Default: 30. */
  idleThresholdSecs: optional(Schema.NonNegative),
  /** Without one, a program that ended stays so. */
  restartPolicy: optional(RestartPolicy),
  /** No relay variables in the environment and no reminder text: the program does not know the relay. */
  skipRelayPrompt: optional(Schema.Boolean),
  /** The program may hand in structured results, and is told this JSON schema for them. */
  resultSchema: optional(Schema.Unknown),
  /** `headless`: no terminal; one run of the program for one message, or, with `appServer`, a session in it. Default: `pty`. */
  runtime: optional(Schema.Literal("pty", "headless")),
  appServer: optional(AppServer),
  /** Initial size of the terminal; the default is 220 columns by 50 rows. */
  cols: optional(Schema.Int),
  rows: optional(Schema.Int)
})
export type AgentSpec = typeof AgentSpec.Type
