/** Printed, not asserted: what it costs here (`npx vitest run test/store/performance --silent=false`). */
import { it } from "@effect/vitest"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import { Store } from "../../src/store/Store.ts"
import { cursor, delivery, deliveryId } from "./data.ts"
import { temporaryStore } from "./rig.ts"

const quantile = (values: ReadonlyArray<number>, part: number) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * part)]!.toFixed(3)

const message = (seq: number, agent: string) =>
  Effect.gen(function* () {
    const store = yield* Store
    const id = deliveryId(`${agent}-${seq}`)
    yield* store.received(delivery({ id, agent, seq }), { numbered: true, atMillis: seq })
    yield* store.typing([id], seq)
    yield* store.submitted({ deliveryId: id, evidence: "echo", channel: "terminal", atMillis: seq })
    yield* store.acked(cursor(agent, seq), seq)
  })

it.scopedLive("the price of a durable row and of a message", () =>
  Effect.gen(function* () {
    const { layer } = yield* temporaryStore()
    yield* Effect.gen(function* () {
      const store = yield* Store
      const millis: Array<number> = []
      for (const seq of Array.range(1, 600)) {
        yield* store.received(delivery({ id: `one-${seq}`, seq }), { numbered: true, atMillis: seq })
        const before = performance.now()
        yield* store.typing([deliveryId(`one-${seq}`)], seq)
        millis.push(performance.now() - before)
      }
      // The first ones warm up.
      const warm = millis.slice(200)
      console.log(`durable row: p50 ${quantile(warm, 0.5)} ms, p99 ${quantile(warm, 0.99)} ms`)

      // 1,000 messages a second, ten every 10 ms, over 20 agents.
      const cpu = process.cpuUsage()
      for (const tick of Array.range(0, 99)) {
        for (const index of Array.range(0, 9)) {
          const number = tick * 10 + index
          yield* Effect.fork(message(Math.floor(number / 20) + 1, `agent${number % 20}`))
        }
        yield* Effect.sleep(10)
      }
      yield* store.flush
      const { system, user } = process.cpuUsage(cpu)
      console.log(`1,000 messages in a second: ${((system + user) / 1_000_000).toFixed(3)} ms of CPU each`)
    }).pipe(Effect.provide(layer))
  })
)
