/** What fails of the engine over HTTP and the credentials it gives. */
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
