/** What outlives a session: the same object is given to each. Written by the sessions' own fibers only. */
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import type { AgentId, AgentName } from "../domain/Ids.ts"
import type { LateRegistration, NodeFrame } from "./NodeControl.ts"
import type { NodeDescriptor } from "./NodeDescriptor.ts"

export interface NodeMemory {
  readonly frames: Mailbox.Mailbox<NodeFrame>
  /** Taken by the heartbeat: the load changed. */
  readonly beats: Mailbox.Mailbox<void>
  readonly framesIn: Map<string, number>
  readonly framesOut: Map<string, number>
  malformed: number
  /** Sessions that the engine accepted. */
  accepted: number
  /** Sessions that were opened; the number that frames carry. */
  opened: number
  /** What the next `node.register` and heartbeat say of this node. */
  descriptor: NodeDescriptor
  /** No free capacity from now on. */
  draining: boolean
  lastReplayAskMillis: number
  lastResultMillis: number
  /** Invocations being handled, by their arrival. */
  readonly openInvocations: Map<string, number>
  /** Names that the engine says live elsewhere, since when: left out of the inventory. */
  readonly elsewhere: Map<string, number>
  readonly lateRegistrations: Mailbox.Mailbox<LateRegistration>
  /** Names that are being registered. */
  readonly naming: Set<AgentName>
  /** Which identity the engine last gave a name, as far as this run was told. */
  readonly identities: Map<AgentName, AgentId>
}

export const makeNodeMemory = (descriptor: NodeDescriptor): Effect.Effect<NodeMemory> =>
  Effect.gen(function* () {
    return {
      frames: yield* Mailbox.make<NodeFrame>(),
      beats: yield* Mailbox.make<void>({ capacity: 1, strategy: "dropping" }),
      framesIn: new Map(),
      framesOut: new Map(),
      malformed: 0,
      accepted: 0,
      opened: 0,
      descriptor,
      draining: false,
      lastReplayAskMillis: Number.NEGATIVE_INFINITY,
      lastResultMillis: Number.NEGATIVE_INFINITY,
      openInvocations: new Map(),
      elsewhere: new Map(),
      lateRegistrations: yield* Mailbox.make<LateRegistration>(),
      naming: new Set(),
      identities: new Map()
    }
  })
