/** What this node tells the engine about itself. The bootstrap has no capabilities: a bare `spawn` would capture placement. */
import type { Capability } from "../wire/Outbound.ts"

export interface NodeDescriptor {
  /** `spawn:<cli>` and own action names only, never bare `spawn` or `release`. */
  readonly capabilities: ReadonlyArray<Capability>
  /** 0: unlimited. */
  readonly maxAgents: number
  readonly tags: ReadonlyArray<string>
  /** `relay-broker/<version>`. */
  readonly version: string
}

export const bootstrap = (version: string): NodeDescriptor => ({
  capabilities: [],
  maxAgents: 0,
  tags: [],
  version: `relay-broker/${version}`
})

/** 0 when there is no limit. */
export const loadOf = (active: number, maxAgents: number): number => (maxAgents === 0 ? 0 : active / maxAgents)

/** The engine would make it an action pinned to this node, for everybody. */
export const reservedCapability = (name: string): boolean => name === "spawn" || name === "release" || name === ""
