/** A case: what is done to one agent, and what must hold beyond what holds always (Verdict.ts). */
import type * as Effect from "effect/Effect"
import type { FirstStart, Home } from "../homes.ts"
import type { Stage } from "../Stage.ts"
import type { Family } from "../versions.ts"
import type { Problem } from "../World.ts"

export interface Case {
  /** `group.name`: for `--case`, the table and the record. */
  readonly name: string
  readonly about: string
  /** All, when not given. */
  readonly families?: ReadonlyArray<Family>
  /** Part of what CI runs, for all families or for these. */
  readonly fixed?: true | ReadonlyArray<Family>
  /** Its world has been used by other such cases, and will be, as long as nothing is wrong in it. */
  readonly shared?: true
  readonly world?: {
    readonly firstStart?: FirstStart
    readonly compactAt?: number
    readonly env?: { readonly [name: string]: string }
    readonly brokerArgs?: ReadonlyArray<string>
    readonly prepare?: (home: Home) => void
    /** Further programs beside the family that is judged. */
    readonly with?: ReadonlyArray<Family>
  }
  /** Arguments of the agent that is there when `run` begins; `no-agent`: none is. */
  readonly agent?: "no-agent" | "asks"
  readonly run: (stage: Stage) => Effect.Effect<void, Problem>
}

/** A case that a family has no use for, and why: named, or it counts as failed. */
export interface Excuse {
  readonly name: string
  readonly family: Family
  readonly version?: string
  readonly reason: string
}
