/** Crashes as clients read them: categories, patterns and a score. Plain functions. */
import type { CrashRecord } from "../store/Store.ts"
import type { CrashCategory, CrashEntry, CrashInsights } from "./InsightShapes.ts"

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
