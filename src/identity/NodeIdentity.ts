/**
 * Which node this broker is: stable per machine, user, directory, workspace and instance name, and never invented when
 * it cannot be known. The id is claimed on this machine for as long as the layer lives, so that a second ephemeral
 * broker of the same instance takes the next id instead of superseding the first at the engine.
 */
import { randomBytes } from "node:crypto"
import { hostname } from "node:os"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { IdentityUnavailable } from "../domain/Errors.ts"
import { NodeId } from "../domain/Ids.ts"
import { BrokerIdentity } from "./BrokerIdentity.ts"
import { deriveNodeId, fileNameOf } from "./nodeId.ts"
import { defaultNodeName } from "./nodeName.ts"
import * as PrivateFiles from "./PrivateFiles.ts"
import * as ProcessLock from "./ProcessLock.ts"

// `<data directory>/agent-relay/machine-id`: the secret from which this user's node ids on this machine derive. Made
// once, by one process, and never replaced; a seed that cannot be read stops the start instead.

/** Making a seed takes milliseconds; somebody who needs longer is stuck. */
const patienceMillis = 5_000

const reasonOf = (error: PlatformError) => (error._tag === "SystemError" ? error.reason : error.message)

const open = (dataDir: string) =>
  Effect.gen(function* () {
    const path = yield* Path.Path
    const files = yield* PrivateFiles.make
    const directory = path.join(dataDir, "agent-relay")
    const file = path.join(directory, "machine-id")
    const unavailable = (reason: string) => new IdentityUnavailable({ path: file, reason })
    const or = <A>(self: Effect.Effect<A, PlatformError>) =>
      Effect.mapError(self, (error) => unavailable(reasonOf(error)))

    /** None when there is no file; a blank one counts as absent, but is told apart to be replaced. */
    const read = Effect.gen(function* () {
      const content = yield* or(files.read(file))
      if (Option.exists(content, (text) => text.includes("\0"))) return yield* unavailable("it is not a text file")
      return Option.map(content, (text) => text.trim())
    })
    return { directory, file, files, or, read, unavailable }
  })

const present = (seed: Option.Option<string>) => Option.filter(seed, (text) => text !== "")

/** The seed, made now when there is none yet. */
export const readOrCreate = (
  dataDir: string
): Effect.Effect<string, IdentityUnavailable, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const { directory, file, files, or, read, unavailable } = yield* open(dataDir)

    /** Alone among brokers: looks again, and makes the seed when there is still none. */
    const create = Effect.gen(function* () {
      const found = yield* read
      const seed = randomBytes(16).toString("hex")
      if (Option.isNone(found))
        yield* or(files.create(file, seed)) // another program may still be first
      else if (found.value === "") yield* or(files.write(file, seed))
    })

    const started = yield* Clock.currentTimeMillis
    while (true) {
      const seed = present(yield* read)
      if (Option.isSome(seed)) return seed.value
      if ((yield* Clock.currentTimeMillis) - started > patienceMillis) {
        return yield* unavailable("another process has been making it for too long")
      }
      yield* or(files.makeDirectory(directory))
      // two that find a blank file must not both replace it: each would go on with a seed of its own
      yield* Effect.scoped(Effect.zipRight(ProcessLock.acquire({ path: `${file}.lock` }), create)).pipe(
        Effect.catchTags({
          LockHeld: () => Effect.sleep("10 millis"),
          StateUnusable: (error) => Effect.fail(unavailable(error.message))
        })
      )
    }
  })

/** The content of the file, verbatim but for white space around it: with a pinned token it is the node id itself. */
export const readExisting = (
  dataDir: string
): Effect.Effect<string, IdentityUnavailable, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const { read, unavailable } = yield* open(dataDir)
    const seed = present(yield* read)
    if (Option.isSome(seed)) return seed.value
    return yield* unavailable("RELAY_NODE_TOKEN is set, so the node id must be in this file, and there is none")
  })

export interface NodeIdentityOptions {
  /** The directory the broker works for. */
  readonly directory: string
  readonly instanceName: string
  /** `--name` or `RELAY_NODE_NAME`; default `<host>-<instance>`. */
  readonly nodeName?: string
  /** See `dataDirectory`. */
  readonly dataDir: string
  /** `RELAY_NODE_TOKEN` is set: the id is the content of the seed file. */
  readonly pinnedToken: boolean
  /** An ephemeral broker steps aside for one that has its id. */
  readonly ephemeral: boolean
  /** Default: the machine's host name. */
  readonly host?: string
}

/** So many brokers of one instance and directory are a mistake somewhere else. */
const maxOrdinal = 100

export class NodeIdentity extends Context.Tag("relay-broker/identity/NodeIdentity")<
  NodeIdentity,
  {
    readonly nodeId: NodeId
    /** As wished for; `NodeTokens.nodeName` is the one to use with the engine. */
    readonly nodeName: string
    readonly pinned: boolean
  }
>() {
  static readonly layer = (
    o: NodeIdentityOptions
  ): Layer.Layer<NodeIdentity, IdentityUnavailable, BrokerIdentity | FileSystem.FileSystem | Path.Path> =>
    Layer.scoped(NodeIdentity, make(o))

  static readonly layerOf = (identity: NodeIdentity["Type"]): Layer.Layer<NodeIdentity> =>
    Layer.succeed(NodeIdentity, identity)
}

const canonical = (directory: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.realPath(directory)).pipe(
    Effect.mapError(
      (error) =>
        new IdentityUnavailable({
          path: directory,
          reason: error._tag === "SystemError" ? error.reason : error.message
        })
    )
  )

const make = (
  o: NodeIdentityOptions
): Effect.Effect<
  NodeIdentity["Type"],
  IdentityUnavailable,
  BrokerIdentity | FileSystem.FileSystem | Path.Path | Scope.Scope
> =>
  Effect.gen(function* () {
    const path = yield* Path.Path
    const { workspaceId } = yield* BrokerIdentity
    const nodeName = o.nodeName?.trim() || defaultNodeName(o.host ?? hostname(), o.instanceName)

    /** The pid of the holder when another live process has this id; claimed by us otherwise. */
    const claim = (nodeId: NodeId) =>
      ProcessLock.acquire({
        path: path.join(o.dataDir, "agent-relay", "claims", `${fileNameOf(nodeId)}.sock`),
        info: { instance: o.instanceName }
      }).pipe(
        Effect.as(true),
        Effect.catchTags({
          LockHeld: (held) =>
            Effect.as(Effect.logDebug(`${nodeId} is in use by process ${held.pid ?? "unknown"}`), false),
          // a guard against our own siblings only: without it we are as safe as any broker without claims
          StateUnusable: (error) => Effect.as(Effect.logWarning(`node id not claimed: ${error.message}`), true)
        })
      )

    const firstFree = (idOf: (ordinal: number) => NodeId) =>
      Effect.gen(function* () {
        for (let ordinal = 1; ordinal <= maxOrdinal; ordinal++) {
          const nodeId = idOf(ordinal)
          if (yield* claim(nodeId)) return nodeId
        }
        return yield* new IdentityUnavailable({
          path: o.directory,
          reason: `${maxOrdinal} brokers named "${o.instanceName}" run for this directory`
        })
      })

    /** The state directory's lock keeps a second broker of this kind away; a held claim is then a copied data directory. */
    const only = (nodeId: NodeId) =>
      Effect.gen(function* () {
        if (!(yield* claim(nodeId))) {
          yield* Effect.logWarning(
            `node id ${nodeId} is in use by another process here; the two will supersede each other`
          )
        }
        return nodeId
      })

    if (o.pinnedToken) {
      const nodeId = yield* only(NodeId.make(yield* readExisting(o.dataDir)))
      return NodeIdentity.of({ nodeId, nodeName, pinned: true })
    }
    const directory = yield* canonical(o.directory)
    const seed = yield* readOrCreate(o.dataDir)
    const idOf = (ordinal: number) =>
      deriveNodeId({ seed, directory, workspaceId, instanceName: o.instanceName, ordinal })
    const nodeId = yield* o.ephemeral ? firstFree(idOf) : only(idOf(1))
    return NodeIdentity.of({ nodeId, nodeName, pinned: false })
  })
