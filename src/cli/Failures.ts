/** What can go wrong between the command line and the broker; each says what happened and what to do about it. */
import * as Schema from "effect/Schema"

export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", {
  problem: Schema.String,
  /** The command whose help page helps, or empty for the program's own. */
  command: Schema.String
}) {
  override get message() {
    return this.problem
  }
  get wayOut() {
    return `see \`relay-broker ${this.command === "" ? "" : `${this.command} `}--help\``
  }
}

/** Nothing says where a broker is. */
export class NoBroker extends Schema.TaggedError<NoBroker>()("NoBroker", {
  looked: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `no broker found: ${this.looked}: ${this.reason}`
  }
  get wayOut() {
    return "start one with `relay-broker init`, or name one with --state-dir or --broker-url"
  }
}

export class BrokerUnreachable extends Schema.TaggedError<BrokerUnreachable>()("BrokerUnreachable", {
  url: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `no broker answers at ${this.url}: ${this.reason}`
  }
  get wayOut() {
    return "start one with `relay-broker init`, or name another with --state-dir or --broker-url"
  }
}

export class KeyRefused extends Schema.TaggedError<KeyRefused>()("KeyRefused", { url: Schema.String }) {
  override get message() {
    return `the broker at ${this.url} refused the API key`
  }
  get wayOut() {
    return "give its own with --api-key or RELAY_BROKER_API_KEY; connection.json in its state directory has it"
  }
}

/** The broker answered and said no. */
export class BrokerRefused extends Schema.TaggedError<BrokerRefused>()("BrokerRefused", {
  status: Schema.Int,
  reason: Schema.String
}) {
  override get message() {
    return this.reason
  }
  get wayOut() {
    return this.status === 503 ? "it is starting or stopping: try again" : "see `relay-broker status`"
  }
}

/** The broker answered in a way that this program does not understand. */
export class UnexpectedAnswer extends Schema.TaggedError<UnexpectedAnswer>()("UnexpectedAnswer", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `unexpected answer to ${this.path}: ${this.reason}`
  }
  get wayOut() {
    return "use the relay-broker of the same version as the broker"
  }
}

/** Asked about an agent that was never there. */
export class UnknownAgent extends Schema.TaggedError<UnknownAgent>()("UnknownAgent", {
  names: Schema.Array(Schema.String)
}) {
  override get message() {
    return `no agent named ${this.names.map((name) => `'${name}'`).join(", ")}`
  }
  get wayOut() {
    return "see `relay-broker agents`"
  }
}

export class StillRunning extends Schema.TaggedError<StillRunning>()("StillRunning", {
  url: Schema.String,
  afterSeconds: Schema.Number
}) {
  override get message() {
    return `the broker at ${this.url} still answers ${this.afterSeconds} s after it was told to stop`
  }
  get wayOut() {
    return "look at its log, or end the process"
  }
}

export type ApiFailure = NoBroker | BrokerUnreachable | KeyRefused | BrokerRefused | UnexpectedAnswer
