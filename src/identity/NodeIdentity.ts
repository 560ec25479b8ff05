/**
 * Which node this broker is: stable per machine, user, directory, workspace and instance name, and never invented when
 * it cannot be known. The id is claimed on this machine for as long as the layer lives, so that a second ephemeral
 * broker of the same instance takes the next id instead of superseding the first at the engine.
 */
import { hostname } from "node:os"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { IdentityUnavailable } from "../domain/Errors.ts"
import { NodeId } from "../domain/Ids.ts"
import { BrokerIdentity } from "./BrokerIdentity.ts"
import * as MachineSeed from "./MachineSeed.ts"
import { deriveNodeId, fileNameOf } from "./nodeId.ts"
import { defaultNodeName } from "./nodeName.ts"
import * as ProcessLock from "./ProcessLock.ts"

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
      const nodeId = yield* only(NodeId.make(yield* MachineSeed.readExisting(o.dataDir)))
      return NodeIdentity.of({ nodeId, nodeName, pinned: true })
    }
    const directory = yield* canonical(o.directory)
    const seed = yield* MachineSeed.readOrCreate(o.dataDir)
    const idOf = (ordinal: number) =>
      deriveNodeId({ seed, directory, workspaceId, instanceName: o.instanceName, ordinal })
    const nodeId = yield* o.ephemeral ? firstFree(idOf) : only(idOf(1))
    return NodeIdentity.of({ nodeId, nodeName, pinned: false })
  })
