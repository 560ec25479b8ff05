/**
 * Ids, tokens and timestamps in the engine's shapes. Ids are decimal snowflakes, strictly rising in one engine;
 * tokens are unpredictable unless `predictable` is asked for, which simulations do to get the same history twice.
 */
import { createHash, randomBytes } from "node:crypto"

export interface Ids {
  /** A bare decimal snowflake: messages, agents, channels. */
  readonly next: () => string
  readonly workspaceKey: () => string
  readonly agentToken: () => string
  readonly nodeToken: () => string
}

/** The zero of the snowflakes' clock; a test clock that starts at 0 counts from `testYears` after it instead. */
const epoch = 1_700_000_000_000
const testYears = 95_000_000_000

export const makeIds = (now: () => number, predictable: boolean): Ids => {
  let last = 0n
  let counter = 0
  const hex = (length: number): string =>
    predictable
      ? createHash("sha256").update(`token ${++counter}`).digest("hex").slice(0, length)
      : randomBytes(length / 2).toString("hex")
  return {
    next: () => {
      const millis = now()
      const stamp = BigInt(Math.floor(millis >= epoch ? millis - epoch : millis + testYears)) << 22n
      last = stamp > last ? stamp : last + 1n
      return last.toString()
    },
    workspaceKey: () => `rk_live_${hex(32)}`,
    agentToken: () => `at_live_${hex(32)}`,
    nodeToken: () => `nt_live_${hex(48)}`
  }
}

/** `dm_<24 hex>`: the same for both directions of a pair. */
export const conversationId = (workspace: string, agents: ReadonlyArray<string>): string =>
  `dm_${createHash("sha256")
    .update([workspace, ...[...agents].sort()].join("\n"))
    .digest("hex")
    .slice(0, 24)}`

/** `evt_<event>_<key>_<agent>` with every run of other characters turned into `_`. */
export const fanOutId = (event: string, key: string, agent: string): string =>
  `evt_${event}_${key}_${agent}`.replace(/[^A-Za-z0-9]+/g, "_")

export const iso = (millis: number): string => new Date(millis).toISOString()

/** As the engine stores times: one-second resolution. */
export const isoStored = (millis: number): string => iso(Math.floor(millis / 1000) * 1000)
