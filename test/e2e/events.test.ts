/** Numbers of events over restarts of the real program: clients of 9.1.6 come back with nothing but a number. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { makeEngine, program, startBroker, temporaryHome } from "./rig.ts"

interface Replay {
  readonly events: ReadonlyArray<{ readonly seq: number }>
  readonly gap: boolean
}

describe("numbers of events", () => {
  it.scopedLive("go on after a restart, and are not given again after a crash", () =>
    Effect.gen(function* () {
      const { baseUrl, engine } = yield* makeEngine()
      const home = yield* temporaryHome
      const start = startBroker({ program, home, engineUrl: baseUrl, workspaceKey: engine.key() })
      const run = (
        end: NodeJS.Signals,
        visit: (replay: (since: number) => Effect.Effect<Replay>) => Effect.Effect<number>
      ) =>
        Effect.gen(function* () {
          const broker = yield* start
          yield* engine.awaitNode()
          for (const text of ["a", "b", "c"]) yield* broker.expect("POST", "/api/send", { to: "#general", text })
          const replay = (since: number) =>
            Effect.map(
              Effect.orDie(broker.expect("GET", `/api/events/replay?sinceSeq=${since}`)),
              (body) => body as Replay
            )
          const last = yield* visit(replay)
          yield* broker.kill(end)
          yield* broker.exited
          return last
        })
      const newest = ({ events }: Replay) => Math.max(...events.map(({ seq }) => seq))

      yield* run("SIGTERM", (replay) =>
        Effect.map(replay(0), (first) => {
          assert.strictEqual(first.events[0]?.seq, 1)
          assert.isFalse(first.gap)
          return newest(first)
        })
      )
      const seen = yield* run("SIGKILL", (replay) =>
        Effect.gen(function* () {
          const all = yield* replay(0)
          const first = all.events[0]?.seq ?? 0
          assert.isAbove(first, 1)
          assert.isFalse(all.gap)
          // whoever had seen the last of the former run misses nothing; whoever had not, does
          assert.isFalse((yield* replay(first - 1)).gap)
          assert.isTrue((yield* replay(first - 2)).gap)
          return newest(all)
        })
      )
      yield* run("SIGTERM", (replay) =>
        Effect.gen(function* () {
          const all = yield* replay(0)
          assert.isAbove(all.events[0]?.seq ?? 0, seen)
          assert.isTrue((yield* replay(seen)).gap)
          return 0
        })
      )
    })
  )
})
