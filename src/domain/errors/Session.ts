/** What keeps the node session away for reasons that need an operator: each with its own wait in `node/Recovery`. */
import * as Schema from "effect/Schema"

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
