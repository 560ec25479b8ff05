/** Where the node session stands. Connected is not ready: ready means that `node.register` was answered. */

export type SessionState =
  | { readonly _tag: "Idle" }
  /** A token is looked up or minted. `attempt` counts from 1 since the last accepted register. */
  | { readonly _tag: "Minting"; readonly attempt: number }
  | { readonly _tag: "Connecting"; readonly attempt: number }
  | { readonly _tag: "Registering"; readonly attempt: number }
  | { readonly _tag: "Ready"; readonly sinceMillis: number }
  /** Ready, but no longer for new work. */
  | { readonly _tag: "Draining"; readonly sinceMillis: number; readonly untilMillis: number }
  | {
      readonly _tag: "Waiting"
      readonly reason: WaitReason
      /** For people: what the engine or the socket said. */
      readonly detail: string
      /** Undefined: not until something else happens (the other process goes, or somebody asks). */
      readonly untilMillis: number | undefined
    }
  | { readonly _tag: "Stopped"; readonly reason: string }

export type StateTag = SessionState["_tag"]

/** Why the session waits; each has its own length and remedy (`Recovery`). */
export type WaitReason =
  | "link_lost"
  | "engine_unavailable"
  | "engine_refused"
  | "rate_limited"
  | "token_refused"
  | "tokens_exhausted"
  | "forbidden"
  | "workspace_key_rejected"
  | "workspace_expired"
  | "token_proof_required"
  | "no_token"
  | "node_id_mismatch"
  | "node_name_conflict"
  | "superseded"

export const describeState = (state: SessionState): string => state._tag.toLowerCase()

/** Registered with the engine: requests may be sent. */
export const isReady = (state: SessionState): boolean => state._tag === "Ready" || state._tag === "Draining"

/** The socket is open, whether or not the engine has accepted the node yet. */
export const isConnected = (state: SessionState): boolean => state._tag === "Registering" || isReady(state)

export const reasonOf = (state: SessionState): string | undefined =>
  state._tag === "Waiting" ? `${state.reason}: ${state.detail}` : state._tag === "Stopped" ? state.reason : undefined

export const untilOf = (state: SessionState): number | undefined =>
  state._tag === "Waiting" || state._tag === "Draining" ? state.untilMillis : undefined
