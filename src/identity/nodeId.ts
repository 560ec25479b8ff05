/**
 * Who this broker is to the engine. Pure.
 *
 * Invariants:
 * 1. The same seed, directory, workspace, instance and ordinal give the same id, on every start and every version.
 * 2. Any other seed, directory, workspace, instance or ordinal gives another id: none of the parts can hold a NUL, so
 *    none can flow into its neighbour. (Node ids are global at the engine, not one set per workspace.)
 * 3. Ordinal 1 adds nothing, so that a broker which never had to take the next id keeps its id.
 */
import { createHash } from "node:crypto"
import { NodeId, type WorkspaceId } from "../domain/Ids.ts"

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex")

export const deriveNodeId = (o: {
  /** Of this machine and user. */
  readonly seed: string
  /** Canonical: absolute, without symbolic links. */
  readonly directory: string
  readonly workspaceId: WorkspaceId
  readonly instanceName: string
  /** 1, 2, …: which of several ephemeral brokers of the same instance name and directory. */
  readonly ordinal?: number
}): NodeId => {
  const parts = [o.seed, o.directory, o.workspaceId, o.instanceName]
  const ordinal = o.ordinal ?? 1
  return NodeId.make(`node_${sha256([...parts, ...(ordinal > 1 ? [String(ordinal)] : [])].join("\0")).slice(0, 32)}`)
}

/** Six hex digits that stand for the id in a node name. A pinned id may be of any shape. */
export const shortId = (nodeId: NodeId): string =>
  /^node_([0-9a-f]{6})[0-9a-f]*$/.exec(nodeId)?.[1] ?? sha256(nodeId).slice(0, 6)

/** A file name for an id of any shape; two ids never share one. */
export const fileNameOf = (nodeId: NodeId): string =>
  /^[A-Za-z0-9_-]{1,80}$/.test(nodeId)
    ? nodeId
    : `${nodeId.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, 40)}.${sha256(nodeId).slice(0, 16)}`
