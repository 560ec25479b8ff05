/** What fails of the start and the files of the broker. */
import * as Schema from "effect/Schema"

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
