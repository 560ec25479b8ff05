/** What can become of work that was given to a sidecar, and of the sidecar itself. None carries input, output or a command line. */
import * as Schema from "effect/Schema"

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
