import * as Schema from "effect/Schema"
import { Asking, WaitingReason } from "./Receipt.ts"

// Every failure a caller or an operator can act on. Each carries the fields needed to act and derives its
// message from them; none carries a token, an argument list or a message body.

// What fails of one agent: its name, its start and its terminal.

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

// The local API listens where other machines may reach it.

export class ApiExposed extends Schema.TaggedError<ApiExposed>()("ApiExposed", { url: Schema.String }) {
  override get message() {
    return `the API listens at ${this.url}: whoever reaches it and has its key controls this broker and its agents`
  }
}

// What fails of messages on their way to an agent.

/** A message was given up with a record that says why. */
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

// Messages that no longer move: of a live agent, longer than the reason for waiting explains.

export class DeliveryStuck extends Schema.TaggedError<DeliveryStuck>()("DeliveryStuck", {
  agent: Schema.String,
  reason: WaitingReason,
  /** Since the last message was submitted, or the oldest one came. */
  ageMillis: Schema.Number,
  waiting: Schema.Int
}) {
  override get message() {
    const what = this.waiting === 1 ? "1 message" : `${this.waiting} messages`
    return `${what} for "${this.agent}" not typed for ${Math.round(this.ageMillis / 1_000)} s: ${this.reason.replaceAll("_", " ")}`
  }
}

const lastOf = (lines: ReadonlyArray<string>) =>
  lines.length === 0 ? "" : `; it shows: ${lines.slice(-3).join(" / ")}`

/** The program of an agent waits for a person. */
export class AgentNeedsPerson extends Schema.TaggedError<AgentNeedsPerson>()("AgentNeedsPerson", {
  agent: Schema.String,
  what: Asking,
  detail: Schema.NullOr(Schema.String),
  lines: Schema.Array(Schema.String)
}) {
  override get message() {
    return `"${this.agent}" needs you: ${this.what.replaceAll("_", " ")}${lastOf(this.lines)}`
  }
}

/** A message was put in, and the program did not say that it has it. */
export class DeliveryUnproven extends Schema.TaggedError<DeliveryUnproven>()("DeliveryUnproven", {
  agent: Schema.String,
  deliveryId: Schema.String,
  reason: Schema.String,
  lines: Schema.Array(Schema.String)
}) {
  override get message() {
    return `message ${this.deliveryId} for "${this.agent}" is not proven: ${this.reason}${lastOf(this.lines)}`
  }
}

/** An agent's program ended while nobody had asked for it. */
export class AgentExited extends Schema.TaggedError<AgentExited>()("AgentExited", {
  agent: Schema.String,
  exitCode: Schema.NullOr(Schema.Int),
  signal: Schema.NullOr(Schema.String),
  lines: Schema.Array(Schema.String)
}) {
  override get message() {
    const how = this.signal === null ? `with code ${this.exitCode ?? "unknown"}` : `by signal ${this.signal}`
    return `"${this.agent}" ended ${how}${lastOf(this.lines)}`
  }
}

// What fails of the engine over HTTP and the credentials it gives.

const Credential = Schema.Literal("workspace key", "agent token", "node token")

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

// A bug of ours, noticed and survived.

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

// The one failure of a spawn that is answered to nobody.

/**
 * The link was lost before the agent of an invocation was registered. The engine takes the invocation away then and
 * places it anew: going on here could make a second process.
 */
export class InvocationWithdrawn extends Schema.TaggedError<InvocationWithdrawn>()("InvocationWithdrawn", {
  agent: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `spawn of '${this.agent}' given back to the engine: ${this.reason}`
  }
}

// What an agent's program needs before it starts could not be set up; nothing of it is left.

export class LaunchFailed extends Schema.TaggedError<LaunchFailed>()("LaunchFailed", {
  /** What was being done, with the path or command concerned. */
  step: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.step}: ${this.reason}`
  }
}

// What fails of the node session and its token.

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

/** The engine keeps refusing node tokens although new ones were minted. */
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

/** Another process registered this node; the engine closed our socket with 1000 "superseded". */
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

// What keeps the node session away for reasons that need an operator: each with its own wait in `node/Recovery`.

/** The workspace key is no longer accepted, so no node token can be minted. */
export class WorkspaceKeyRejected extends Schema.TaggedError<WorkspaceKeyRejected>()("WorkspaceKeyRejected", {
  where: Schema.String,
  status: Schema.Int
}) {
  override get message() {
    return `the workspace key was refused at ${this.where} (HTTP ${this.status})`
  }
}

/** Engines from 9.1 on refuse every credential of an expired workspace with this code, the handshake included. */
export class WorkspaceExpired extends Schema.TaggedError<WorkspaceExpired>()("WorkspaceExpired", {
  workspace: Schema.String
}) {
  override get message() {
    return `workspace ${this.workspace} has expired`
  }
}

/** From 9.0 on the engine mints for an existing node only against its last token. */
export class TokenProofRequired extends Schema.TaggedError<TokenProofRequired>()("TokenProofRequired", {
  nodeId: Schema.String,
  /** `missing`: no last token is known here; `refused`: the one known here is not the last. */
  proof: Schema.Literal("missing", "refused")
}) {
  override get message() {
    return `the engine wants the last token of ${this.nodeId} as proof, ${
      this.proof === "missing" ? "and it is not known here" : "and it is not the one known here"
    }`
  }
}

/** The engine knows this token and does not let it in: 403 on the upgrade. A new token would not change that. */
export class NodeForbidden extends Schema.TaggedError<NodeForbidden>()("NodeForbidden", {
  nodeId: Schema.String,
  code: Schema.optionalWith(Schema.String, { exact: true })
}) {
  override get message() {
    return `the engine forbids node ${this.nodeId} to connect (HTTP 403${this.code === undefined ? "" : `, ${this.code}`})`
  }
}

/** Another node of the workspace has this name. */
export class NodeNameConflict extends Schema.TaggedError<NodeNameConflict>()("NodeNameConflict", {
  nodeName: Schema.String
}) {
  override get message() {
    return `another node of the workspace is named "${this.nodeName}"`
  }
}

// What can become of work that was given to a sidecar, and of the sidecar itself. None carries input, output or a command line.

/** Nobody serves this action here: no sidecar registered it, or the one that did has left. The engine may place it elsewhere. */
export class HandlerUnavailable extends Schema.TaggedError<HandlerUnavailable>()("HandlerUnavailable", {
  action: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `no handler for ${this.action}: ${this.reason}`
  }
}

/** The handler ran and failed, or could not be given its input; `reason` is its own text when it gave one. */
export class HandlerFailed extends Schema.TaggedError<HandlerFailed>()("HandlerFailed", {
  action: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return this.reason
  }
}

/** A frame of a sidecar that was understood and refused. */
export class SidecarRefused extends Schema.TaggedError<SidecarRefused>()("SidecarRefused", {
  /** `frame_failed`, `unknown_invocation`, `sidecar_exists`, `too_many_requests`, `internal_error`. */
  code: Schema.String,
  reason: Schema.String,
  /** The same frame may succeed later. */
  retryable: Schema.Boolean
}) {
  override get message() {
    return this.reason
  }
}

/** The supervised sidecar is not served any more: it could not be started, or it kept ending. */
export class SidecarDown extends Schema.TaggedError<SidecarDown>()("SidecarDown", {
  /** Name of the node in its manifest. */
  sidecar: Schema.String,
  starts: Schema.Int,
  reason: Schema.String,
  logPath: Schema.optionalWith(Schema.String, { exact: true })
}) {
  override get message() {
    const log = this.logPath === undefined ? "" : `; see ${this.logPath}`
    return `sidecar "${this.sidecar}" is down after ${this.starts} start(s): ${this.reason}${log}`
  }
}

// What fails of the start and the files of the broker.

/** The node token could not be written to its cache; it is kept in memory and minted again after a restart. */
export class CacheUnwritable extends Schema.TaggedError<CacheUnwritable>()("CacheUnwritable", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `cannot write ${this.path}: ${this.reason}`
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

/** The sentence is matched by published clients: do not reword. */
export class AlreadyRunning extends Schema.TaggedError<AlreadyRunning>()("AlreadyRunning", {
  directory: Schema.String,
  pid: Schema.optionalWith(Schema.Int, { exact: true })
}) {
  override get message() {
    const holder = this.pid === undefined ? this.directory : `pid: ${this.pid}, ${this.directory}`
    return `another broker instance is already running in this directory (${holder})`
  }
}

/** Published clients look for the first words. */
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

/** The file of the store cannot be used as it is. The broker runs on without memory, or with a fresh file. */
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

// A notification that could not be posted. It names the origin only: the rest of such an address is often a secret.

export class WebhookFailed extends Schema.TaggedError<WebhookFailed>()("WebhookFailed", {
  origin: Schema.String,
  reason: Schema.String,
  /** Undefined when nothing was answered. */
  status: Schema.optionalWith(Schema.Int, { exact: true })
}) {
  override get message() {
    return `alert webhook at ${this.origin}: ${this.reason}`
  }
}

// One of several listed workspaces, not the one that is worked in, does not let the broker in. Never carries its key.

export class WorkspaceNotAttached extends Schema.TaggedError<WorkspaceNotAttached>()("WorkspaceNotAttached", {
  /** Its place in the list, and how it is called there. */
  membership: Schema.String,
  /** The variable that lists it. */
  source: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.membership} of ${this.source} is not attached: ${this.reason}`
  }
}

/** What a foreign failure says of itself: libraries throw errors, and sometimes other things. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
