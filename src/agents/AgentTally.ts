/** What `/api/metrics` and `/api/crash-insights` know of agents that came and went, from the events of this run. Crashes are stored. */

import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { AgentName } from "../domain/Ids.ts"
import type { BrokerEvent } from "../events/Event.ts"
import { Events } from "../events/Events.ts"
import { type CrashRecord, Store } from "../store/Store.ts"

// Crashes as clients read them: categories, patterns and a score. Plain functions.

const CrashCategory = Schema.Literal("oom", "segfault", "error", "signal", "unknown")
type CrashCategory = typeof CrashCategory.Type

const CrashEntry = Schema.Struct({
  agent_name: Schema.String,
  exit_code: Schema.NullOr(Schema.Number),
  signal: Schema.NullOr(Schema.String),
  /** Seconds since the epoch. */
  timestamp: Schema.Number,
  uptime_secs: Schema.Number,
  category: CrashCategory,
  description: Schema.String
})

export const CrashInsights = Schema.Struct({
  total_crashes: Schema.Number,
  /** The last 20, oldest first. */
  recent: Schema.Array(CrashEntry),
  patterns: Schema.Array(
    Schema.Struct({ category: CrashCategory, count: Schema.Number, agents: Schema.Array(Schema.String) })
  ),
  /** 100, less 10 for each crash of the last hour, not below 0. */
  health_score: Schema.Number
}).annotations({ identifier: "CrashInsights" })

const hourMillis = 3_600_000
const shown = 20

/** 137 and 139 are what a shell makes of signals 9 and 11. */
export const categoryOf = ({ exitCode, signal }: Pick<CrashRecord, "exitCode" | "signal">): CrashCategory => {
  if (signal === 9 || exitCode === 137) return "oom"
  if (signal === 11 || exitCode === 139) return "segfault"
  if (signal !== null) return "signal"
  return exitCode !== null && exitCode !== 0 ? "error" : "unknown"
}

const descriptions: { readonly [K in CrashCategory]: string } = {
  oom: "killed, perhaps for want of memory",
  segfault: "ended by a memory fault of its own",
  signal: "ended by a signal",
  error: "ended with an error",
  unknown: "ended for an unknown reason"
}

const how = ({ exitCode, signal }: CrashRecord) =>
  signal !== null ? `signal ${signal}` : exitCode === null ? "no exit code" : `exit code ${exitCode}`

const entryOf = (crash: CrashRecord): typeof CrashEntry.Type => {
  const category = categoryOf(crash)
  return {
    agent_name: crash.agent,
    exit_code: crash.exitCode,
    signal: crash.signal === null ? null : String(crash.signal),
    timestamp: Math.floor(crash.atMillis / 1000),
    uptime_secs: Math.floor(crash.uptimeMillis / 1000),
    category,
    description: `${crash.agent}: ${descriptions[category]} (${how(crash)})`
  }
}

/** `crashes`: oldest first. */
export const insightsOf = (crashes: ReadonlyArray<CrashRecord>, nowMillis: number): typeof CrashInsights.Type => {
  const byCategory = new Map<CrashCategory, Array<string>>()
  for (const crash of crashes) {
    const category = categoryOf(crash)
    byCategory.set(category, [...(byCategory.get(category) ?? []), crash.agent])
  }
  const recently = crashes.filter(({ atMillis }) => nowMillis - atMillis <= hourMillis).length
  return {
    total_crashes: crashes.length,
    recent: crashes.slice(-shown).map(entryOf),
    patterns: [...byCategory]
      .map(([category, agents]) => ({ category, count: agents.length, agents: [...new Set(agents)] }))
      .sort((one, other) => other.count - one.count),
    health_score: Math.max(0, 100 - 10 * recently)
  }
}

interface Tally {
  readonly spawned: number
  /** Agents that ended by a signal or with an exit code other than 0, unasked. */
  readonly crashed: number
  readonly restarted: number
}

export class AgentTally extends Context.Tag("relay-broker/agents/AgentTally")<
  AgentTally,
  { readonly counts: Effect.Effect<Tally>; readonly insights: Effect.Effect<typeof CrashInsights.Type> }
>() {
  static readonly layer: Layer.Layer<AgentTally, never, Events | Store> = Layer.suspend(() =>
    Layer.scoped(AgentTally, make)
  )
}

/** A clean exit is no crash, although 9.1.6 counts it. */
type Ended = Extract<BrokerEvent, { kind: "agent_exited" | "agent_restarting" }>

const isCrash = ({ code, signal }: Ended) => signal !== null || (code !== null && code !== 0)

const make = Effect.gen(function* () {
  const events = yield* Events
  const store = yield* Store
  const clock = yield* Effect.clock
  const fork = yield* FiberSet.makeRuntime<never>()
  const startedAtMillis = new Map<AgentName, number>()
  const counts = { spawned: 0, crashed: 0, restarted: 0 }

  const crashOf = (event: Ended): CrashRecord => {
    const atMillis = clock.unsafeCurrentTimeMillis()
    return {
      agent: event.name,
      exitCode: event.code,
      signal: event.signal === null ? null : Number(event.signal),
      atMillis,
      uptimeMillis: Math.max(0, atMillis - (startedAtMillis.get(event.name) ?? atMillis))
    }
  }

  yield* events.listen((event) => {
    switch (event.kind) {
      case "agent_spawned":
        counts.spawned += 1
        startedAtMillis.set(event.name, clock.unsafeCurrentTimeMillis())
        return
      case "agent_released":
        startedAtMillis.delete(event.name)
        return
      case "agent_restarted":
        counts.restarted += 1
        startedAtMillis.set(event.name, clock.unsafeCurrentTimeMillis())
        return
      case "agent_exited":
      case "agent_restarting":
        if (isCrash(event)) {
          counts.crashed += 1
          fork(store.crashed(crashOf(event)))
        }
        startedAtMillis.delete(event.name)
        return
      default:
        return
    }
  })

  return AgentTally.of({
    counts: Effect.sync(() => ({ ...counts })),
    insights: Effect.zipWith(store.crashes, Clock.currentTimeMillis, insightsOf)
  })
})
