/** What is read, synchronously, of one consistent state; and the answers of a store that has nothing. */
import type { RelayMessage } from "../domain/Message.ts"
import type * as GroupCommit from "../sqlite/GroupCommit.ts"
import type { AgentRecord, AlertRecord, CrashRecord, DeadLetterRecord, DeliveryRecord, StoredState } from "./Store.ts"
import type { Write } from "./Writes.ts"

export type Step = GroupCommit.Step<Write, Reads>

export interface Reads {
  readonly load: () => StoredState
  readonly message: (deliveryId: string) => RelayMessage | undefined
  readonly find: (id: string) => ReadonlyArray<DeliveryRecord>
  readonly recentDeliveries: (o: {
    readonly agent: string | undefined
    readonly limit: number
  }) => ReadonlyArray<DeliveryRecord>
  readonly deadLetters: () => ReadonlyArray<DeadLetterRecord>
  readonly deadLetter: (deliveryId: string) => DeadLetterRecord | undefined
  /** One (0 or 1), or all. */
  readonly countDeadLetters: (deliveryId: string | undefined) => number
  readonly findAgent: (name: string) => AgentRecord | undefined
  readonly crashes: () => ReadonlyArray<CrashRecord>
  readonly alerts: () => ReadonlyArray<AlertRecord>
  readonly lastEventNumber: () => number
}

export const nothing: Reads = {
  load: () => ({ open: [], submitted: [], cursors: [], recent: [], agents: [], invocations: [], undos: [] }),
  message: () => undefined,
  find: () => [],
  recentDeliveries: () => [],
  deadLetters: () => [],
  deadLetter: () => undefined,
  countDeadLetters: () => 0,
  findAgent: () => undefined,
  crashes: () => [],
  alerts: () => [],
  lastEventNumber: () => 0
}
