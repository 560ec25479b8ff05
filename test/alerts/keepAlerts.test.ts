/** Alerts over restarts of the broker, on what its store keeps. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { keepAlerts } from "../../src/alerts/keepAlerts.ts"
import { LinkLost, SpawnFailed } from "../../src/domain/Errors.ts"
import { Events } from "../../src/events/Events.ts"
import { MemoryStore } from "../../src/store/MemoryStore.ts"
import { Store } from "../../src/store/Store.ts"

const lost = new LinkLost({ reason: "gone" })
const failed = new SpawnFailed({ agent: "w1", stage: "start", reason: "no such program" })

/** One run of the broker over the same disk. */
const life = <A, E>(
  disk: ReturnType<typeof MemoryStore.make>,
  body: (alerts: Alerts["Type"]) => Effect.Effect<A, E>,
  nodeId = "node_1"
) =>
  Effect.gen(function* () {
    const result = yield* body(yield* Alerts)
    yield* TestClock.adjust("6 seconds")
    yield* (yield* Store).flush
    return result
  }).pipe(
    Effect.provide(
      keepAlerts({ nodeId }).pipe(
        Layer.provideMerge(MemoryStore.make({ contents: disk.contents }).layer),
        Layer.provideMerge(Alerts.layer),
        Layer.provide(Events.layer)
      )
    )
  )

const brief = (alerts: Alerts["Type"]) =>
  Effect.map(alerts.list, (list) =>
    list.map(({ code, count, sinceMillis, subject }) => [code, subject, sinceMillis, count])
  )

describe("alerts over a restart", () => {
  it.effect("come back with their beginning and count, go on counting, and go when they are disproved", () =>
    Effect.gen(function* () {
      const disk = MemoryStore.make()
      yield* TestClock.setTime(1_000)
      yield* life(disk, (alerts) =>
        Effect.zipRight(
          alerts.raise(lost, "node_1"),
          Effect.zipRight(TestClock.adjust("1 second"), alerts.raise(lost, "node_1"))
        )
      )
      const again = yield* life(disk, (alerts) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* brief(alerts), [["LinkLost", "node_1", 1_000, 2]])
          yield* alerts.raise(lost, "node_1")
          const now = yield* brief(alerts)
          yield* alerts.resolve("LinkLost", "node_1")
          return now
        })
      )
      assert.deepStrictEqual(again, [["LinkLost", "node_1", 1_000, 3]])
      yield* life(disk, (alerts) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* alerts.list, [])
          const [past, ...rest] = yield* alerts.history
          assert.deepStrictEqual(rest, [])
          assert.deepInclude(past, { code: "LinkLost", count: 3, sinceMillis: 1_000, resolution: "resolved" })
        })
      )
    })
  )

  it.effect("about a node that this broker no longer is are stale, those about agents are not", () =>
    Effect.gen(function* () {
      const disk = MemoryStore.make()
      yield* life(disk, (alerts) => Effect.zipRight(alerts.raise(lost, "node_1"), alerts.raise(failed, "w1")))
      yield* life(
        disk,
        (alerts) =>
          Effect.gen(function* () {
            assert.deepStrictEqual(
              (yield* alerts.list).map(({ code }) => code),
              ["SpawnFailed"]
            )
            assert.deepInclude((yield* alerts.history)[0], { code: "LinkLost", resolution: "stale" })
          }),
        "node_2"
      )
    })
  )

  it.effect("are kept that were raised before there was a store", () =>
    Effect.gen(function* () {
      const disk = MemoryStore.make()
      const early = Layer.effectDiscard(Effect.flatMap(Alerts, (alerts) => alerts.raise(failed, "w1")))
      yield* Effect.flatMap(Store, (store) => store.flush).pipe(
        Effect.provide(
          keepAlerts({ nodeId: "node_1" }).pipe(
            Layer.provideMerge(early),
            Layer.provideMerge(MemoryStore.make({ contents: disk.contents }).layer),
            Layer.provideMerge(Alerts.layer),
            Layer.provide(Events.layer)
          )
        )
      )
      yield* life(disk, (alerts) =>
        Effect.map(brief(alerts), (list) =>
          assert.deepStrictEqual(
            list.map(([code]) => code),
            ["SpawnFailed"]
          )
        )
      )
    })
  )
})
