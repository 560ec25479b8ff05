/** The name under which the engine lists this node. In engine 5.x an enrolment finds its row by name, so a name that another node holds must never be used. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { NodeIdMismatch } from "../domain/Errors.ts"
import type { NodeId } from "../domain/Ids.ts"
import type { EngineApi, EngineError, WorkspaceKey } from "../engine/EngineApi.ts"
import { shortId } from "./nodeId.ts"

const plain = (text: string) => text.trim().replace(/[^A-Za-z0-9.-]+/g, "-")

/** `<host>-<instance>`, of characters that are safe in names and addresses. */
export const defaultNodeName = (host: string, instanceName: string): string =>
  `${plain(host) || "host"}-${plain(instanceName) || "broker"}`

export const withShortId = (name: string, nodeId: NodeId): string => `${name}-${shortId(nodeId)}`

/**
 * The preferred name when it is free or ours, else the same with six hex digits of our id. Fails with `NodeIdMismatch`
 * when even that one is another node's.
 */
export const resolveNodeName = (o: {
  readonly engine: EngineApi["Type"]
  readonly key: WorkspaceKey
  readonly nodeId: NodeId
  readonly preferred: string
}): Effect.Effect<string, EngineError | NodeIdMismatch> => {
  const otherHolder = (name: string) =>
    Effect.map(
      o.engine.findNode({ key: o.key, name }),
      Option.filter((record) => record.id !== o.nodeId)
    )

  return Effect.gen(function* () {
    if (Option.isNone(yield* otherHolder(o.preferred))) return o.preferred
    const name = withShortId(o.preferred, o.nodeId)
    const other = yield* otherHolder(name)
    if (Option.isSome(other)) {
      return yield* new NodeIdMismatch({ nodeName: name, expected: o.nodeId, actual: other.value.id })
    }
    yield* Effect.logInfo(`node name "${o.preferred}" belongs to another node; using "${name}"`)
    return name
  })
}
