/**
 * What the node tells the engine of itself, from what is served here. Pure.
 *
 * Invariants: 1. never bare `spawn` or `release`: the engine would pin them to this node for the whole workspace ·
 * 2. an action of the manifest only while its handler is registered, so that nothing is offered that would be refused;
 * `spawn:<cli>` without a handler is offered, because the broker spawns itself · 3. names once; the sidecar's entry wins
 * over the broker's own · 4. without a sidecar exactly the broker's own (`--capability`), which is the bootstrap manifest.
 */
import type { Capability } from "../wire/Outbound.ts"
import type { Manifest } from "./Frames.ts"

export interface Declaration {
  readonly capabilities: ReadonlyArray<Capability>
  /**
   * What else a manifest says; absent without a sidecar. Not its name: engine 5.x finds a node by name when a token is
   * minted, so the node keeps the one it was enrolled under. 9.1.6 renames it, and gets no token any more when the
   * present one is refused (docs/compatibility.md).
   */
  readonly node?: {
    /** 0: unlimited. */
    readonly maxAgents: number
    readonly tags: ReadonlyArray<string>
  }
}

const captured: ReadonlySet<string> = new Set(["spawn", "release"])

export const isSpawn = (name: string): boolean => /^spawn:./.test(name)

export interface Served {
  readonly manifest: Manifest
  readonly handlers: ReadonlySet<string>
}

const ofSidecar = ({ handlers, manifest }: Served): ReadonlyArray<Capability> =>
  manifest.capabilities
    .filter(({ name }) => !captured.has(name) && (isSpawn(name) || handlers.has(name)))
    .map(({ kind, metadata, name }) => ({
      name,
      ...(kind === undefined ? {} : { kind }),
      ...(metadata === undefined ? {} : { metadata })
    }))

export const declarationOf = (own: ReadonlyArray<Capability>, served: Served | undefined): Declaration => {
  if (served === undefined) return { capabilities: own }
  const byName = new Map([...own, ...ofSidecar(served)].map((capability) => [capability.name, capability]))
  const { max_agents, tags } = served.manifest
  return {
    capabilities: [...byName.values()],
    node: { maxAgents: max_agents ?? 0, tags: tags ?? [] }
  }
}

/** Names of the manifest that no sidecar can have. */
export const neverDeclared = ({ capabilities }: Manifest): ReadonlyArray<string> =>
  capabilities.map(({ name }) => name).filter((name) => captured.has(name))
