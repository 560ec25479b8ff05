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

const optionalString = Schema.optionalWith(Schema.String, { exact: true })

/** Nothing says where a broker is, or what its key is. */
export class NoBroker extends Schema.TaggedError<NoBroker>()("NoBroker", {
  looked: Schema.String,
  reason: Schema.String,
  /** The address that was given without a key. */
  keyFor: optionalString
}) {
  override get message() {
    const missing = this.keyFor === undefined ? "no broker found" : `no key for the broker at ${this.keyFor}`
    return `${missing}: ${this.looked}: ${this.reason}`
  }
  get wayOut() {
    if (this.keyFor !== undefined) {
      return "give it with --api-key or RELAY_BROKER_API_KEY, or name the broker's state directory with --state-dir"
    }
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

const waysOut: Readonly<Record<string, string>> = {
  agent_not_found: "see `relay-broker agents`",
  delivery_not_found: "see `relay-broker deliveries`",
  dead_letter_not_found: "see `relay-broker dead-letters`"
}

/** The broker answered and said no. */
export class BrokerRefused extends Schema.TaggedError<BrokerRefused>()("BrokerRefused", {
  status: Schema.Int,
  reason: Schema.String,
  code: optionalString,
  /** The answer's body as it came. */
  body: optionalString,
  /** Of a program that could not be started. */
  lastOutput: optionalString
}) {
  override get message() {
    return this.reason
  }
  get wayOut() {
    const otherwise = this.status === 503 ? "it is starting or stopping: try again" : "see `relay-broker status`"
    return waysOut[this.code ?? ""] ?? otherwise
  }
}

/** The same, told in the words that scripts around `dump-pty` know. */
export class BrokerReturned extends Schema.TaggedError<BrokerReturned>()("BrokerReturned", {
  status: Schema.Int,
  body: Schema.String
}) {
  override get message() {
    return `broker returned ${this.status}: ${this.body}`
  }
  get wayOut() {
    return "see `relay-broker agents`"
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

const quoted = (names: ReadonlyArray<string>) => names.map((name) => `'${name}'`).join(", ")

/** Asked about an agent that was never there. */
export class UnknownAgent extends Schema.TaggedError<UnknownAgent>()("UnknownAgent", {
  names: Schema.Array(Schema.String)
}) {
  override get message() {
    return `no agent named ${quoted(this.names)}`
  }
  get wayOut() {
    return "see `relay-broker agents`"
  }
}

/** Named at most: the line is for reading. */
const shownRefusals = 3

/** Some dead letters were not sent again, for the broker's reasons. */
export class NotRedelivered extends Schema.TaggedError<NotRedelivered>()("NotRedelivered", {
  refused: Schema.Array(Schema.Struct({ id: Schema.String, reason: Schema.String }))
}) {
  override get message() {
    const shown = this.refused.slice(0, shownRefusals).map(({ id, reason }) => `${id}: ${reason}`)
    const more = this.refused.length - shown.length
    return `not sent again: ${shown.join("; ")}${more === 0 ? "" : `; and ${more} more`}`
  }
  get wayOut() {
    return "see `relay-broker dead-letters` and `relay-broker agents`"
  }
}

export class UnknownDeadLetters extends Schema.TaggedError<UnknownDeadLetters>()("UnknownDeadLetters", {
  ids: Schema.Array(Schema.String)
}) {
  override get message() {
    return `no dead letter ${quoted(this.ids)}`
  }
  get wayOut() {
    return "see `relay-broker dead-letters`"
  }
}

/** The handler of an action said no. */
export class ActionFailed extends Schema.TaggedError<ActionFailed>()("ActionFailed", {
  action: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.action} failed: ${this.reason}`
  }
  get wayOut() {
    return "see the log of the broker that handled it"
  }
}

export class ActionUnanswered extends Schema.TaggedError<ActionUnanswered>()("ActionUnanswered", {
  action: Schema.String,
  id: Schema.String,
  status: Schema.String,
  waitedSecs: Schema.Number
}) {
  override get message() {
    return `${this.action} (${this.id}) is ${this.status} after ${this.waitedSecs} s`
  }
  get wayOut() {
    return "it goes on; wait longer with --wait"
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

/** The node session did not become ready in time. */
export class NotConnected extends Schema.TaggedError<NotConnected>()("NotConnected", {
  state: Schema.String,
  reason: Schema.NullOr(Schema.String),
  afterSeconds: Schema.Number
}) {
  override get message() {
    const why = this.reason === null ? "" : ` (${this.reason})`
    return `the node session is ${this.state}${why} after ${this.afterSeconds} s`
  }
  get wayOut() {
    return "see `relay-broker alerts`"
  }
}
