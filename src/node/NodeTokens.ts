/**
 * The token with which this node opens its socket: given by `RELAY_NODE_TOKEN`, remembered, or minted. A token counts
 * from the moment it is stored; a refused one is never presented again and proves our claim to the node until its
 * successor is stored (engine 9.0). Concurrent callers share one mint, which goes on when they leave.
 */

import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { Alerts } from "../alerts/Alerts.ts"
import { NodeIdMismatch, NodeTokenRejected, TokenProofRequired } from "../domain/Errors.ts"
import type { NodeId } from "../domain/Ids.ts"
import { version } from "../domain/Version.ts"
import { EngineApi, type EngineError, type NodeToken, type WorkspaceKey } from "../engine/EngineApi.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import { NodeIdentity } from "../identity/NodeIdentity.ts"
import { resolveNodeName, withShortId } from "../identity/nodeName.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import * as NodeTokenCache from "./NodeTokenCache.ts"

// One enrolment at the engine: a name that is free or ours, a token, and the check that the answer is about our node.
// Minting for an existing node ends the life of its former token, so a name of another node is never used.

interface MintRequest {
  readonly engine: EngineApi["Type"]
  readonly key: WorkspaceKey
  readonly nodeId: NodeId
  readonly preferred: string
  /** The token that this mint replaces, when we know it. */
  readonly proof: NodeToken | undefined
}

interface Minted {
  readonly token: NodeToken
  readonly name: string
}

type MintError = TokenProofRequired | NodeIdMismatch | EngineError

/** From 9.0 on the engine rotates only for whoever shows the last token: without it nothing here can help. */
const wantsProof = (error: EngineError): boolean =>
  (error._tag === "EngineRejected" && error.code === "node_token_proof_required") ||
  (error._tag === "Unauthorized" && error.credential === "node token")

const mintAs = (o: MintRequest, name: string): Effect.Effect<Minted, MintError> =>
  o.engine
    .mintNode({
      key: o.key,
      nodeId: o.nodeId,
      name,
      version: `relay-broker/${version}`,
      ...(o.proof === undefined ? {} : { proof: o.proof })
    })
    .pipe(
      Effect.catchIf(
        wantsProof,
        () => new TokenProofRequired({ nodeId: o.nodeId, proof: o.proof === undefined ? "missing" : "refused" })
      ),
      Effect.flatMap((minted) =>
        minted.id === o.nodeId
          ? Effect.succeed({ token: minted.token, name })
          : new NodeIdMismatch({ nodeName: name, expected: o.nodeId, actual: minted.id })
      )
    )

/** Later engines find an existing node by its id and refuse a taken name; 5.x answers with the other node. */
const nameTaken = (error: MintError) =>
  error._tag === "NodeIdMismatch" || (error._tag === "EngineRejected" && error.code === "node_name_conflict")

export const mintNodeToken = (o: MintRequest): Effect.Effect<Minted, MintError> =>
  Effect.gen(function* () {
    const name = yield* resolveNodeName(o)
    return yield* Effect.catchIf(mintAs(o, name), nameTaken, (error) =>
      // another node took the name between our look and our mint: a second look shows it
      Effect.flatMap(resolveNodeName(o), (other) => (other === name ? error : mintAs(o, other)))
    )
  })

interface NodeTokensOptions {
  /** See `dataDirectory`. */
  readonly dataDir: string
  /** `RELAY_NODE_TOKEN`: used as it is; nothing is ever minted then. */
  readonly pinned?: NodeToken
}

type NodeTokensError = TokenProofRequired | NodeTokenRejected | NodeIdMismatch | EngineError

type TokenSource = "none" | "pinned" | "cache" | "minted"

export class NodeTokens extends Context.Tag("relay-broker/node/NodeTokens")<
  NodeTokens,
  {
    /**
     * The token to present now. `TokenProofRequired`: the engine wants proof that we do not have, so only an operator can
     * help. `NodeTokenRejected`: the pinned token was refused.
     */
    readonly current: Effect.Effect<NodeToken, NodeTokensError>
    /** The engine refused exactly this token with 401. Any other than the current one changes nothing. */
    readonly reject: (token: NodeToken) => Effect.Effect<void>
    /** The name for `node.register` and for calls about this node: the preferred one until a token is known. */
    readonly nodeName: Effect.Effect<string>
    readonly source: Effect.Effect<TokenSource>
    readonly pinned: boolean
  }
>() {
  static readonly layer = (
    o: NodeTokensOptions
  ): Layer.Layer<
    NodeTokens,
    never,
    Alerts | BrokerIdentity | EngineApi | NodeIdentity | FileSystem.FileSystem | Path.Path
  > => Layer.scoped(NodeTokens, o.pinned === undefined ? makeMinting(o) : makePinned(o.pinned))
}

const same = (a: NodeToken, b: NodeToken) => Redacted.value(a) === Redacted.value(b)

const makePinned = (token: NodeToken) =>
  Effect.map(NodeIdentity, ({ nodeId, nodeName }) => {
    let rejections = 0
    return NodeTokens.of({
      current: Effect.suspend(() =>
        rejections === 0 ? Effect.succeed(token) : new NodeTokenRejected({ nodeId, rejections, pinned: true })
      ),
      reject: (refused) =>
        Effect.sync(() => {
          if (same(refused, token)) rejections++
        }),
      nodeName: Effect.succeed(nodeName),
      source: Effect.succeed("pinned"),
      pinned: true
    })
  })

interface Held {
  readonly token: NodeToken
  readonly name: string
  readonly source: "cache" | "minted"
  /** The disk does not know it (yet). */
  readonly unsaved: boolean
}

const makeMinting = (
  o: NodeTokensOptions
): Effect.Effect<
  NodeTokens["Type"],
  never,
  Alerts | BrokerIdentity | EngineApi | NodeIdentity | FileSystem.FileSystem | Path.Path | Scope.Scope
> =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const engine = yield* EngineApi
    const { workspaceId, workspaceKey: key } = yield* BrokerIdentity
    const { nodeId, nodeName: preferred } = yield* NodeIdentity
    const cache = yield* NodeTokenCache.make({
      dataDir: o.dataDir,
      scope: { nodeId, workspaceId, baseUrl: engine.baseUrl }
    })
    const scope = yield* Effect.scope
    const lock = yield* Effect.makeSemaphore(1)

    let held: Held | undefined
    let name: string | undefined
    /** The last token the engine gave us, when it no longer lets us in. */
    let proof: NodeToken | undefined
    const refused = new Set<string>()
    let inFlight: Deferred.Deferred<NodeToken, NodeTokensError> | undefined

    const store = (cached: NodeTokenCache.CachedToken): Effect.Effect<boolean> =>
      cache.store(cached).pipe(
        Effect.zipRight(alerts.resolve("CacheUnwritable", cache.path)),
        Effect.as(true),
        Effect.catchTag("CacheUnwritable", (error) => Effect.as(alerts.raise(error, cache.path), false))
      )

    /** Stored first, used then: a token that is lost with the process cannot prove anything to its successor. */
    const hold = (next: Omit<Held, "unsaved">): Effect.Effect<NodeToken> =>
      Effect.map(store({ token: next.token, name: next.name, rejected: false }), (saved) => {
        held = { ...next, unsaved: !saved }
        name = next.name
        proof = undefined
        return next.token
      })

    const node = { engine, key, nodeId, preferred }

    /** The name a cached token was minted under, unless another one is wished for since. */
    const nameFor = (cached: NodeTokenCache.CachedToken): Effect.Effect<string, NodeIdMismatch> => {
      if (cached.name === preferred || cached.name === withShortId(preferred, nodeId))
        return Effect.succeed(cached.name)
      return Effect.catchAll(resolveNodeName(node), (error) =>
        cached.name === undefined && error._tag === "NodeIdMismatch"
          ? Effect.fail(error)
          : Effect.as(Effect.logWarning(`node name not checked: ${error.message}`), cached.name ?? preferred)
      )
    }

    const obtain: Effect.Effect<NodeToken, NodeTokensError> = Effect.gen(function* () {
      if (held !== undefined) return held.unsaved ? yield* hold(held) : held.token
      // read again before every mint: another process with this id may have stored a successor
      const cached = Option.getOrUndefined(yield* cache.load)
      if (cached !== undefined && !cached.rejected && !refused.has(Redacted.value(cached.token))) {
        const nodeName = yield* nameFor(cached)
        held = { token: cached.token, name: nodeName, source: "cache", unsaved: nodeName !== cached.name }
        name = nodeName
        return held.unsaved ? yield* hold(held) : held.token
      }
      // one that we know to be refused cannot be newer than the proof we have
      if (cached !== undefined && !refused.has(Redacted.value(cached.token))) proof = cached.token
      return yield* Effect.uninterruptibleMask((restore) =>
        restore(mintNodeToken({ ...node, proof })).pipe(
          Effect.tapError(({ _tag }) => Effect.sync(() => Metrics.mints.add(_tag))),
          Effect.tap(() => Effect.sync(() => Metrics.mints.add("ok"))),
          Effect.flatMap((minted) => hold({ ...minted, source: "minted" }))
        )
      )
    }).pipe(Effect.withSpan("NodeTokens.obtain"))

    const current = Effect.suspend(() => {
      if (held !== undefined && !held.unsaved) return Effect.succeed(held.token)
      if (inFlight !== undefined) return Deferred.await(inFlight)
      const result = Deferred.unsafeMake<NodeToken, NodeTokensError>(FiberId.none)
      inFlight = result
      const run = Effect.ensuring(
        lock.withPermits(1)(obtain),
        Effect.sync(() => {
          inFlight = undefined
        })
      )
      return Effect.zipRight(Effect.forkIn(Effect.intoDeferred(run, result), scope), Deferred.await(result))
    })

    const reject = (token: NodeToken) =>
      Effect.suspend(() => {
        refused.add(Redacted.value(token))
        if (held === undefined || !same(held.token, token)) return Effect.void
        const cached = { token, name: held.name, rejected: true }
        held = undefined
        proof = token
        return Effect.asVoid(store(cached))
      }).pipe(lock.withPermits(1), Effect.uninterruptible)

    return NodeTokens.of({
      current,
      reject,
      nodeName: Effect.sync(() => name ?? preferred),
      source: Effect.sync(() => held?.source ?? "none"),
      pinned: false
    })
  })
