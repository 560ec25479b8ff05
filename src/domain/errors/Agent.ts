/** What fails of one agent: its name, its start and its terminal. */
import * as Schema from "effect/Schema"

const optionalString = Schema.optionalWith(Schema.String, { exact: true })

/** The agent name is active on another node; it is never taken from there. */
export class AgentLocationConflict extends Schema.TaggedError<AgentLocationConflict>()("AgentLocationConflict", {
  agent: Schema.String
}) {
  override get message() {
    return `agent "${this.agent}" is active on another node`
  }
}

/** The agent could not be bound to this node, so no message would reach it; its spawn was undone. */
export class BindFailed extends Schema.TaggedError<BindFailed>()("BindFailed", {
  agent: Schema.String,
  node: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `cannot bind agent "${this.agent}" to node "${this.node}": ${this.reason}`
  }
}

/** Messages or a request name an agent that has no worker here. */
export class UnknownWorker extends Schema.TaggedError<UnknownWorker>()("UnknownWorker", { agent: Schema.String }) {
  override get message() {
    return `unknown worker '${this.agent}'`
  }
}

/** A live or starting worker already has this name. */
export class AgentExists extends Schema.TaggedError<AgentExists>()("AgentExists", { agent: Schema.String }) {
  override get message() {
    return `agent '${this.agent}' already exists`
  }
}

/** Where a spawn stopped. Everything done up to there was undone. */
export const SpawnStage = Schema.Literal("validate", "register", "bind", "start", "stability", "restart")
export type SpawnStage = typeof SpawnStage.Type

export class SpawnFailed extends Schema.TaggedError<SpawnFailed>()("SpawnFailed", {
  agent: Schema.String,
  stage: SpawnStage,
  reason: Schema.String,
  exitCode: Schema.optionalWith(Schema.Int, { exact: true }),
  signal: Schema.optionalWith(Schema.Int, { exact: true }),
  lastOutput: optionalString,
  logPath: optionalString
}) {
  override get message() {
    const exit = this.signal
      ? `, signal ${this.signal}`
      : this.exitCode === undefined
        ? ""
        : `, exit code ${this.exitCode}`
    const log = this.logPath === undefined ? "" : `; log: ${this.logPath}`
    return `cannot spawn '${this.agent}' (${this.stage}): ${this.reason}${exit}${log}`
  }
}

/** The pseudo-terminal is gone; nothing more can be written to it. */
export class PtyClosed extends Schema.TaggedError<PtyClosed>()("PtyClosed", {
  written: Schema.Int,
  total: Schema.Int
}) {
  override get message() {
    return `the terminal is gone (${this.written} of ${this.total} bytes written)`
  }
}

/** Too much is waiting to be written to a terminal whose program does not read. */
export class PtyBacklogFull extends Schema.TaggedError<PtyBacklogFull>()("PtyBacklogFull", { limitBytes: Schema.Int }) {
  override get message() {
    return `more than ${this.limitBytes} bytes wait for a program that does not read`
  }
}
