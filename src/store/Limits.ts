/**
 * How much is kept, for how long, and how much is done at once. The numbers are promises to operators (docs/delivery.md);
 * tests make them small.
 */

const minute = 60_000
const day = 24 * 60 * minute

export interface Limits {
  /** Records of ended deliveries per agent name. Open ones are never dropped; the inbox bounds them. */
  readonly deliveriesPerAgent: number
  readonly deliveryAgeMillis: number
  /** The latest ones stay beyond the age above, so that a replay is recognised: the engine's own depth is 1,000. */
  readonly idsPerAgent: number
  readonly deadLetters: number
  readonly deadLetterAgeMillis: number
  /** Agents that are not live, and the last records of mailboxes that got nothing for as long. */
  readonly agentAgeMillis: number
  /** Alerts that ended. */
  readonly alertHistory: number
  /** As many as the ledger of invocations remembers. */
  readonly answeredInvocations: number
  readonly crashes: number
  /** Cursors are tiny and decide what is a duplicate: only a flood of agent ids makes the oldest go. */
  readonly cursors: number
  /** Text of open deliveries that a start reads at once; the rest comes one by one (`Store.message`). */
  readonly loadBytes: number
  /** Low: more work per row; high: that many rows above the caps. */
  readonly pruneEvery: number
  /** How often ages are looked at: one agent per commit, from the first commit on. */
  readonly sweepMillis: number

  /** One transaction. High: long turns of the event loop (about 10 µs per write); low: more transactions under load. */
  readonly batchWrites: number
  readonly batchBytes: number
  /**
   * When the write-ahead log goes into the database file, which blocks for a sync of it. High: a larger log, which is
   * slower to sync while it grows; a log that stays below a few MiB is written over and over instead.
   */
  readonly checkpointCommits: number
  readonly checkpointWrites: number
  readonly checkpointBytes: number
  /** What a full or unreachable disk is tried again with, and how often. Beyond it the oldest writes are lost. */
  readonly backlogWrites: number
  readonly backlogBytes: number
  readonly retryMillis: number
}

export const defaultLimits: Limits = {
  deliveriesPerAgent: 2_000,
  deliveryAgeMillis: 7 * day,
  idsPerAgent: 1_024,
  deadLetters: 1_000,
  deadLetterAgeMillis: 14 * day,
  agentAgeMillis: 30 * day,
  alertHistory: 500,
  answeredInvocations: 2_000,
  crashes: 500,
  cursors: 10_000,
  loadBytes: 8 * 1024 * 1024,
  pruneEvery: 64,
  sweepMillis: 10 * minute,
  batchWrites: 256,
  batchBytes: 1024 * 1024,
  checkpointCommits: 128,
  checkpointWrites: 512,
  checkpointBytes: 4 * 1024 * 1024,
  backlogWrites: 20_000,
  backlogBytes: 8 * 1024 * 1024,
  retryMillis: 5_000
}
