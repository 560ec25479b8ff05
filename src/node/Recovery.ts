/**
 * What follows the end of an attempt or of a session: how long to wait, for which reason, which alert.
 * Pure; `docs/node-session.md` has it as a table.
 *
 * Invariants: 1. only a 401 for the node token leads to another mint, five times, then once per 5 min; a failed mint in
 * between takes one of the turns · 2. waits that no new attempt can shorten are 5 min, and at once when told to · 3. a
 * Retry-After is a lower bound · 4. a superseded node does not come back by itself · 5. what heals by itself is an alert
 * only after `awayAlertMillis`, what needs somebody is one at once.
 */
import type { AlertableError } from "../alerts/Alerts.ts"
import {
  EngineRejected,
  EngineUnavailable,
  type LinkLost,
  NodeForbidden,
  NodeIdMismatch,
  NodeNameConflict,
  type NodeRequestRefused,
  NodeSuperseded,
  NodeTokenMissing,
  NodeTokenRejected,
  RateLimited,
  type TokenProofRequired,
  type Unauthorized,
  WorkspaceExpired,
  WorkspaceKeyRejected
} from "../domain/Errors.ts"

import { afterRejection, slowMillis } from "./Backoff.ts"
import type { ConnectFailed } from "./NodeLink.ts"
import type { WaitReason } from "./SessionState.ts"

export type SessionFailure =
  | Unauthorized
  | ConnectFailed
  | LinkLost
  | NodeRequestRefused
  | NodeIdMismatch
  | NodeTokenRejected
  | TokenProofRequired
  | EngineRejected
  | EngineUnavailable
  | RateLimited

export interface RecoveryFacts {
  readonly nodeId: string
  readonly nodeName: string
  readonly workspace: string
  /** Refused in a row before this failure. */
  readonly rejections: number
  readonly pinned: boolean
  /** What the reconnect schedule would wait. */
  readonly backoffMillis: number
}

export interface Recovery {
  readonly reason: WaitReason
  /** Undefined: until the node is free or somebody asks. */
  readonly waitMillis: number | undefined
  readonly rejections: number
  readonly alerts: ReadonlyArray<RecoveryAlert>
}

export interface RecoveryAlert {
  readonly error: AlertableError
  readonly when: "now" | "when away"
}

/** A proxy or a policy in between rarely changes within seconds. */
export const forbiddenFloorMillis = 10_000
export const keyRejectedMillis = 60_000
export const mintRefusedFloorMillis = 30_000

export const isSuperseded = (failure: SessionFailure): boolean =>
  failure._tag === "LinkLost" && failure.code === 1000 && failure.reason === "superseded"

interface Draft extends Pick<Recovery, "reason" | "waitMillis"> {
  readonly alert: RecoveryAlert
}

const now = (error: AlertableError) => ({ error, when: "now" }) as const
const whenAway = (error: AlertableError) => ({ error, when: "when away" }) as const

const atSocket = "the node socket"

const ofConnect = (failure: ConnectFailed, { backoffMillis }: RecoveryFacts): Draft => {
  const waitMillis = Math.max(backoffMillis, failure.retryAfterMillis ?? 0)
  const { reason, status, url } = failure
  if (status === 429) {
    const retryAfterMillis = failure.retryAfterMillis ?? 0
    const error = new RateLimited({ operation: atSocket, code: "http_429", retryAfterMillis })
    return { reason: "rate_limited", waitMillis, alert: whenAway(error) }
  }
  if (status === 0 || status >= 500) {
    const error = new EngineUnavailable({ operation: atSocket, url, reason })
    return { reason: "engine_unavailable", waitMillis, alert: whenAway(error) }
  }
  const error = new EngineRejected({ operation: atSocket, status, code: `http_${status}`, reason })
  return { reason: "engine_refused", waitMillis, alert: whenAway(error) }
}

const ofUnauthorized = (failure: Unauthorized, rejections: number, facts: RecoveryFacts): Draft => {
  const { code, credential, status, where } = failure
  const { backoffMillis, nodeId, pinned } = facts
  if (code === "workspace_expired") {
    const error = new WorkspaceExpired({ workspace: facts.workspace })
    return { reason: "workspace_expired", waitMillis: slowMillis, alert: now(error) }
  }
  if (credential !== "node token") {
    const error = new WorkspaceKeyRejected({ where, status })
    return { reason: "workspace_key_rejected", waitMillis: keyRejectedMillis, alert: now(error) }
  }
  if (status === 403) {
    const error = new NodeForbidden({ nodeId, ...(code === undefined ? {} : { code }) })
    return { reason: "forbidden", waitMillis: Math.max(backoffMillis, forbiddenFloorMillis), alert: now(error) }
  }
  return pinned || afterRejection(rejections) === "slow"
    ? {
        reason: "tokens_exhausted",
        waitMillis: slowMillis,
        alert: now(new NodeTokenRejected({ nodeId, rejections, pinned }))
      }
    : { reason: "token_refused", waitMillis: backoffMillis, alert: now(failure) }
}

const ofRefusedRegister = (failure: NodeRequestRefused, facts: RecoveryFacts): Draft => {
  const { backoffMillis, nodeId, nodeName } = facts
  switch (failure.code) {
    case "node_id_mismatch": {
      const error = new NodeIdMismatch({ nodeName, expected: nodeId, actual: "another" })
      return { reason: "node_id_mismatch", waitMillis: slowMillis, alert: now(error) }
    }
    case "node_name_conflict":
      return { reason: "node_name_conflict", waitMillis: slowMillis, alert: now(new NodeNameConflict({ nodeName })) }
    default: {
      const { code, reason, request } = failure
      const error = new EngineRejected({ operation: request, status: 0, code, reason })
      return { reason: "engine_refused", waitMillis: backoffMillis, alert: whenAway(error) }
    }
  }
}

const draft = (failure: SessionFailure, rejections: number, facts: RecoveryFacts): Draft => {
  const { backoffMillis, nodeId } = facts
  switch (failure._tag) {
    case "Unauthorized":
      return ofUnauthorized(failure, rejections, facts)
    case "ConnectFailed":
      return ofConnect(failure, facts)
    case "LinkLost":
      return isSuperseded(failure)
        ? { reason: "superseded", waitMillis: undefined, alert: now(new NodeSuperseded({ nodeId })) }
        : { reason: "link_lost", waitMillis: backoffMillis, alert: whenAway(failure) }
    case "NodeRequestRefused":
      return ofRefusedRegister(failure, facts)
    case "NodeIdMismatch":
      return { reason: "node_id_mismatch", waitMillis: slowMillis, alert: now(failure) }
    case "NodeTokenRejected":
      return { reason: "tokens_exhausted", waitMillis: slowMillis, alert: now(failure) }
    case "TokenProofRequired":
      return { reason: "token_proof_required", waitMillis: slowMillis, alert: now(failure) }
    case "EngineRejected":
      return {
        reason: "no_token",
        waitMillis: Math.max(backoffMillis, mintRefusedFloorMillis),
        alert: now(new NodeTokenMissing({ nodeId, reason: failure.message }))
      }
    case "EngineUnavailable":
      return { reason: "engine_unavailable", waitMillis: backoffMillis, alert: whenAway(failure) }
    case "RateLimited":
      return failure.code === "plan_limit_exceeded"
        ? { reason: "rate_limited", waitMillis: slowMillis, alert: now(failure) }
        : {
            reason: "rate_limited",
            waitMillis: Math.max(backoffMillis, failure.retryAfterMillis),
            alert: whenAway(failure)
          }
  }
}

/** Comes from a mint, not from the socket: then no token is held. */
const isFailedMint = ({ _tag }: SessionFailure): boolean =>
  _tag === "EngineRejected" ||
  _tag === "EngineUnavailable" ||
  _tag === "RateLimited" ||
  _tag === "TokenProofRequired" ||
  _tag === "Unauthorized"

const takesTurn = (failure: SessionFailure, rejections: number): boolean =>
  failure._tag === "Unauthorized" && failure.credential === "node token"
    ? failure.status === 401 && failure.code !== "workspace_expired"
    : rejections > 0 && isFailedMint(failure)

export const recoveryOf = (failure: SessionFailure, facts: RecoveryFacts): Recovery => {
  const rejections = facts.rejections + (takesTurn(failure, facts.rejections) ? 1 : 0)
  const { alert, reason, waitMillis } = draft(failure, rejections, facts)
  // Whatever used the last turn.
  const exhausted = rejections > 0 && (facts.pinned || afterRejection(rejections) === "slow")
  if (!exhausted || waitMillis === undefined) return { reason, waitMillis, rejections, alerts: [alert] }
  const { nodeId, pinned } = facts
  const all = now(new NodeTokenRejected({ nodeId, rejections, pinned }))
  return {
    reason,
    waitMillis: Math.max(waitMillis, slowMillis),
    rejections,
    alerts: alert.error._tag === all.error._tag ? [all] : [alert, all]
  }
}
