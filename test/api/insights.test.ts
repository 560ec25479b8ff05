import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { categoryOf, insightsOf } from "../../src/agents/AgentTally.ts"
import { rssOf } from "../../src/api/insights/handlers.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import type { BrokerEvent } from "../../src/events/Event.ts"
import type { CrashRecord } from "../../src/store/Store.ts"
import { fakeWorker, makeRig } from "./rig.ts"

const name = AgentName.make("w1")
const exited = (code: number | null, signal: string | null): BrokerEvent => ({
  kind: "agent_exited",
  name,
  code,
  signal,
  reason: "child_exited",
  lines: []
})
const spawned: BrokerEvent = {
  ...{ kind: "agent_spawned", name, runtime: "pty", provider: null, cli: "cat", model: null, sessionId: null },
  ...{ pid: 1, source: "http_api", pre_registered: true, registration_warning: null }
}

describe("GET /api/metrics", () => {
  it.scopedLive("has agents by name, with the memory of their own programs, and the broker's counts", () =>
    Effect.gen(function* () {
      const { ask, events, script, seen } = yield* makeRig()
      script.workers = [
        fakeWorker(seen, { name: AgentName.make("zed"), pid: process.pid }),
        fakeWorker(seen, { pid: 2 ** 30 })
      ]
      const restarting = {
        kind: "agent_restarting",
        name,
        code: 1,
        signal: null,
        restart_count: 1,
        delay_ms: 5
      } as const
      const again = [restarting, { kind: "agent_restarted", name, restart_count: 1 } as const]
      for (const event of [spawned, ...again, spawned, exited(0, null), spawned, exited(null, "9")]) {
        yield* events.publish(event)
      }
      const { agents, broker } = (yield* ask("GET", "/api/metrics")).body as {
        agents: Array<{ name: string; pid: number; memory_bytes: number; uptime_secs: number }>
        broker: Record<string, number>
      }
      assert.deepStrictEqual(
        agents.map((agent) => agent.name),
        ["w1", "zed"]
      )
      assert.strictEqual(agents[0]?.memory_bytes, 0)
      assert.isAbove(agents[1]?.memory_bytes ?? 0, 10_000_000)
      assert.isAbove(agents[1]?.uptime_secs ?? 0, 0)
      const counts = { total_agents_spawned: 3, total_crashes: 2, total_restarts: 1, active_agents: 2 }
      assert.include(broker, counts)
    })
  )

  it.scopedLive("has one agent when asked, and says when there is none of that name", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      const one = (yield* ask("GET", "/api/metrics?agent=w1")).body as { agents: Array<{ name: string }> }
      assert.deepStrictEqual(
        one.agents.map((agent) => agent.name),
        ["w1"]
      )
      const none = yield* ask("GET", "/api/metrics?agent=ghost")
      const expected = { code: "agent_not_found", message: "unknown worker 'ghost'" }
      assert.deepStrictEqual([none.status, none.body], [404, expected])
    })
  )

  it("reads resident memory as the kernel writes it", () => {
    assert.strictEqual(rssOf("Name:\tnode\nVmRSS:\t   12 kB\nRssAnon:\t 1 kB\n"), 12_288)
    assert.strictEqual(rssOf("Name:\tzombie\n"), 0)
  })
})

describe("GET /api/crash-insights", () => {
  it.scopedLive("counts crashes, not clean exits and not releases", () =>
    Effect.gen(function* () {
      const { ask, events } = yield* makeRig()
      for (const event of [
        spawned,
        exited(0, null),
        spawned,
        { kind: "agent_released", name } as const,
        spawned,
        exited(3, null),
        spawned,
        exited(null, "11")
      ]) {
        yield* events.publish(event)
      }
      const insights = (yield* ask("GET", "/api/crash-insights")).body as ReturnType<typeof insightsOf>
      assert.strictEqual(insights.total_crashes, 2)
      assert.strictEqual(insights.health_score, 80)
      assert.deepStrictEqual(
        insights.recent.map((crash) => [crash.agent_name, crash.exit_code, crash.signal, crash.category]),
        [
          ["w1", 3, null, "error"],
          ["w1", null, "11", "segfault"]
        ]
      )
    })
  )

  it("groups by category, shows the last twenty and scores the last hour", () => {
    const hour = 3_600_000
    const crash = (n: number, o: Partial<CrashRecord> = {}): CrashRecord => ({
      ...{ agent: AgentName.make(`a${n % 2}`), exitCode: 1, signal: null, atMillis: n, uptimeMillis: 2_500, ...o }
    })
    const all = [
      ...Array.from({ length: 25 }, (_, n) => crash(n)),
      crash(1, { exitCode: null, signal: 9, atMillis: hour })
    ]
    const insights = insightsOf(all, hour + 20)
    assert.strictEqual(insights.total_crashes, 26)
    assert.lengthOf(insights.recent, 20)
    assert.strictEqual(insights.recent[0]?.uptime_secs, 2)
    assert.deepStrictEqual(insights.patterns, [
      { category: "error", count: 25, agents: ["a0", "a1"] },
      { category: "oom", count: 1, agents: ["a1"] }
    ])
    // Those at 20 ms to 24 ms, and the last one.
    assert.strictEqual(insights.health_score, 40)
    assert.strictEqual(
      insightsOf(
        Array.from({ length: 30 }, () => crash(hour)),
        hour
      ).health_score,
      0
    )
  })

  it("names categories as 9.1.6 does", () => {
    const table: ReadonlyArray<readonly [number | null, number | null, string]> = [
      [null, 11, "segfault"],
      [null, 9, "oom"],
      [null, 15, "signal"],
      [137, null, "oom"],
      [139, null, "segfault"],
      [1, null, "error"],
      [0, null, "unknown"],
      [null, null, "unknown"]
    ]
    for (const [exitCode, signal, category] of table) assert.strictEqual(categoryOf({ exitCode, signal }), category)
  })
})

describe("POST /api/preflight", () => {
  it.scopedLive("answers with how many were queued", () =>
    Effect.gen(function* () {
      const { ask, seen } = yield* makeRig()
      const agents = [{ name: "a", cli: "claude" }, { name: "b" }]
      const answer = yield* ask("POST", "/api/preflight", { json: { agents } })
      assert.deepStrictEqual([answer.status, answer.body], [200, { queued: 2 }])
      assert.deepStrictEqual(seen.preflighted, [agents])
    })
  )
})

describe("GET /api/history/stats", () => {
  it.scopedLive("is constant", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      const zeros = { messageCount: 0, sessionCount: 0, activeSessions: 0, uniqueAgents: 0, oldestMessageDate: null }
      assert.deepStrictEqual((yield* ask("GET", "/api/history/stats")).body, zeros)
    })
  )
})
