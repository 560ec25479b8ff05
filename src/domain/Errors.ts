/**
 * Every failure a caller or an operator can act on (design 8). Each carries the fields needed to act and derives its
 * message from them; none carries a token, an argument list or a message body.
 */
import * as Schema from "effect/Schema"

const Credential = Schema.Literal("workspace key", "agent token", "node token")
const optionalString = Schema.optionalWith(Schema.String, { exact: true })

/** A credential was refused: 401 or 403 on an HTTP call or on the upgrade of the node socket. Only a 401 leads to a new mint. */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()("Unauthorized", {
  credential: Credential,
  where: Schema.String,
  status: Schema.Int,
  code: optionalString
}) {
  override get message() {
    return `${this.credential} refused at ${this.where} (HTTP ${this.status}${this.code ? `, ${this.code}` : ""})`
  }
}

/** The engine answered and said no, for a reason that another try does not change. */
export class EngineRejected extends Schema.TaggedError<EngineRejected>()("EngineRejected", {
  operation: Schema.String,
  status: Schema.Int,
  code: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `engine refused ${this.operation}: ${this.code} (HTTP ${this.status}): ${this.reason}`
  }
}

/** No usable answer after bounded retries: connection refused, time-out, 5xx or an answer that is not the engine's. */
export class EngineUnavailable extends Schema.TaggedError<EngineUnavailable>()("EngineUnavailable", {
  operation: Schema.String,
  url: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `engine unavailable for ${this.operation} at ${this.url}: ${this.reason}`
  }
}

/** 429. `retryAfterMillis` is the engine's wish, or 0 when it gave none. */
export class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", {
  operation: Schema.String,
  code: Schema.String,
  retryAfterMillis: Schema.Number
}) {
  override get message() {
    return `engine rate limit on ${this.operation} (${this.code}), retry after ${Math.ceil(this.retryAfterMillis / 1000)} s`
  }
}

/** The seed or the directory cannot be read, so the node id is unknown; no substitute is ever invented. */
export class IdentityUnavailable extends Schema.TaggedError<IdentityUnavailable>()("IdentityUnavailable", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `node identity unavailable: ${this.path}: ${this.reason}`
  }
}

/** The engine's record for our node carries another id than ours. */
export class NodeIdMismatch extends Schema.TaggedError<NodeIdMismatch>()("NodeIdMismatch", {
  nodeName: Schema.String,
  expected: Schema.String,
  actual: Schema.String
}) {
  override get message() {
    return `engine answered node id ${this.actual} for "${this.nodeName}", expected ${this.expected}`
  }
}

/** No node token can be had, so nothing is delivered. */
export class NodeTokenMissing extends Schema.TaggedError<NodeTokenMissing>()("NodeTokenMissing", {
  nodeId: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `no node token for ${this.nodeId}: ${this.reason}`
  }
}

/** The engine keeps refusing node tokens although new ones were minted (design 4, a 401 on the node socket). */
export class NodeTokenRejected extends Schema.TaggedError<NodeTokenRejected>()("NodeTokenRejected", {
  nodeId: Schema.String,
  rejections: Schema.Int,
  pinned: Schema.Boolean
}) {
  override get message() {
    return this.pinned
      ? `the pinned node token (RELAY_NODE_TOKEN) of ${this.nodeId} was refused ${this.rejections} times`
      : `${this.rejections} node tokens of ${this.nodeId} were refused in a row`
  }
}

/** The node token could not be written to its cache; it is kept in memory and minted again after a restart. */
export class CacheUnwritable extends Schema.TaggedError<CacheUnwritable>()("CacheUnwritable", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `cannot write ${this.path}: ${this.reason}`
  }
}

/** Another process registered this node; the engine closed our socket with 1000 "superseded" (EP 3). */
export class NodeSuperseded extends Schema.TaggedError<NodeSuperseded>()("NodeSuperseded", { nodeId: Schema.String }) {
  override get message() {
    return `another process took over node ${this.nodeId}`
  }
}

/** The node socket ended, or was not there when it was needed. */
export class LinkLost extends Schema.TaggedError<LinkLost>()("LinkLost", {
  reason: Schema.String,
  code: Schema.optionalWith(Schema.Int, { exact: true })
}) {
  override get message() {
    return `node socket lost: ${this.reason}${this.code === undefined ? "" : ` (close code ${this.code})`}`
  }
}

/** The engine refused a request on the node socket: an `error` frame with our id. */
export class NodeRequestRefused extends Schema.TaggedError<NodeRequestRefused>()("NodeRequestRefused", {
  request: Schema.String,
  code: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `engine refused ${this.request}: ${this.code}: ${this.reason}`
  }
}

/** A request on the node socket was not answered in time; it may still take effect. */
export class NodeRequestTimeout extends Schema.TaggedError<NodeRequestTimeout>()("NodeRequestTimeout", {
  request: Schema.String,
  afterMillis: Schema.Number
}) {
  override get message() {
    return `no answer to ${this.request} within ${this.afterMillis} ms`
  }
}

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

/** A message was given up with a record that says why (design 5.7, 5.9). */
export class DeliveryDead extends Schema.TaggedError<DeliveryDead>()("DeliveryDead", {
  agent: Schema.String,
  deliveryId: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `delivery ${this.deliveryId} for "${this.agent}" was given up: ${this.reason}`
  }
}

/** There is no dead letter of this id, or it cannot be typed because it could not be read. */
export class UnknownDeadLetter extends Schema.TaggedError<UnknownDeadLetter>()("UnknownDeadLetter", {
  deliveryId: Schema.String
}) {
  override get message() {
    return `no dead letter '${this.deliveryId}' that can be sent again`
  }
}

/** A `deliver` frame names an agent and a seq but cannot be read otherwise. */
export class Undecodable extends Schema.TaggedError<Undecodable>()("Undecodable", {
  agent: Schema.String,
  seq: Schema.Int,
  reason: Schema.String
}) {
  override get message() {
    return `undecodable delivery ${this.seq} for "${this.agent}": ${this.reason}`
  }
}

export class UnknownPayloadType extends Schema.TaggedError<UnknownPayloadType>()("UnknownPayloadType", {
  payloadType: Schema.String
}) {
  override get message() {
    return `unknown payload type "${this.payloadType}": confirmed, not typed`
  }
}

export class UnknownFrame extends Schema.TaggedError<UnknownFrame>()("UnknownFrame", { frameType: Schema.String }) {
  override get message() {
    return `unknown frame type "${this.frameType}": counted, ignored`
  }
}

/** The inbox of one agent is full; the sender is told so. */
export class QueueFull extends Schema.TaggedError<QueueFull>()("QueueFull", {
  agent: Schema.String,
  limit: Schema.Int
}) {
  override get message() {
    return `inbox of '${this.agent}' is full (${this.limit} messages)`
  }
}

/** A flag, environment variable or file says something that cannot be used. */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>()("ConfigInvalid", {
  source: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.source}: ${this.reason}`
  }
}

/** The sentence is matched by published clients (S 1.12): do not reword. */
export class AlreadyRunning extends Schema.TaggedError<AlreadyRunning>()("AlreadyRunning", {
  directory: Schema.String,
  pid: Schema.optionalWith(Schema.Int, { exact: true })
}) {
  override get message() {
    const holder = this.pid === undefined ? this.directory : `pid: ${this.pid}, ${this.directory}`
    return `another broker instance is already running in this directory (${holder})`
  }
}

/** Published clients look for the first words (S 1.2, start-up step 6). */
export class PortInUse extends Schema.TaggedError<PortInUse>()("PortInUse", {
  address: Schema.String,
  port: Schema.Int,
  reason: Schema.String
}) {
  override get message() {
    return `failed to bind API on ${this.address}:${this.port}: ${this.reason}`
  }
}

/** A file or directory of the broker's own state cannot be used. */
export class StateUnusable extends Schema.TaggedError<StateUnusable>()("StateUnusable", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `cannot use ${this.path}: ${this.reason}`
  }
}

/** The file of the store cannot be used as it is. The broker runs on without memory, or with a fresh file (design 5.8). */
export class StoreDamaged extends Schema.TaggedError<StoreDamaged>()("StoreDamaged", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `the store ${this.path} is unusable: ${this.reason}`
  }
}

/** No room for the store. It is tried again by itself. */
export class StoreFull extends Schema.TaggedError<StoreFull>()("StoreFull", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `no room for the store ${this.path}: ${this.reason}`
  }
}
