/** What fails of the node session and its token. */
import * as Schema from "effect/Schema"

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
