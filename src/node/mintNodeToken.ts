/**
 * One enrolment at the engine: a name that is free or ours, a token, and the check that the answer is about our node.
 * Minting for an existing node ends the life of its former token, so a name of another node is never used.
 */
import * as Effect from "effect/Effect"
import { NodeIdMismatch } from "../domain/Errors.ts"
import { TokenProofRequired } from "../domain/errors/Session.ts"
import type { NodeId } from "../domain/Ids.ts"
import { version } from "../domain/Version.ts"
import type { EngineApi, EngineError, NodeToken, WorkspaceKey } from "../engine/EngineApi.ts"
import { resolveNodeName } from "../identity/nodeName.ts"

export interface MintRequest {
  readonly engine: EngineApi["Type"]
  readonly key: WorkspaceKey
  readonly nodeId: NodeId
  readonly preferred: string
  /** The token that this mint replaces, when we know it. */
  readonly proof: NodeToken | undefined
}

export interface Minted {
  readonly token: NodeToken
  readonly name: string
}

export type MintError = TokenProofRequired | NodeIdMismatch | EngineError

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
