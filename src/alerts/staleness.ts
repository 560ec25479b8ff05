/**
 * Which alerts of a former run say nothing about this one. Pure.
 *
 * Kept: whatever can still be true, with its beginning and count; the success that disproves it takes it away. Stale: what
 * is about another node record (the instance or workspace changed), what the start itself disproves (the database opened, a
 * workspace was attached or is not listed any more), and what can only be true of a worker or a sidecar, since none outlives
 * its broker. Messages that still wait for an agent raise `UnknownWorker` anew at the start.
 */
import type { Alert } from "./AlertBook.ts"
import { textOf } from "./Catalogue.ts"

/** What can only be true of a worker or a sidecar that is there. */
const ofThisRun: ReadonlySet<Alert["code"]> = new Set([
  "DeliveryStuck",
  "SidecarDown",
  "AgentNeedsPerson",
  "DeliveryUnproven"
])

export interface StartFacts {
  readonly nodeId: string
  readonly storeIsOpen: boolean
  readonly leftOut: ReadonlyArray<string>
}

export const isStaleAtStart =
  ({ leftOut, nodeId, storeIsOpen }: StartFacts) =>
  ({ code, subject }: Pick<Alert, "code" | "subject">): boolean => {
    if (ofThisRun.has(code)) return true
    switch (textOf(code).subject) {
      case "node":
        return subject !== nodeId
      case "workspace":
        return !leftOut.includes(subject)
      case "store":
        return storeIsOpen
      default:
        return false
    }
  }
