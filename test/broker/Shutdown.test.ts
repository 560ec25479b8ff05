import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { Actions } from "../../src/agents/Actions.ts"
import { orderly } from "../../src/broker/Shutdown.ts"
import { Deliveries } from "../../src/delivery/Deliveries.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { SidecarHub } from "../../src/sidecar/SidecarHub.ts"
import { Store } from "../../src/store/Store.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"

const order = ["actions", "typing", "acks", "workers", "node", "store"]

/** The steps that were begun when it is over; `odd` is what one of them does. */
const stepsWith = (odd: { readonly step: string; readonly does: Effect.Effect<void> }) =>
  Effect.gen(function* () {
    const steps: Array<string> = []
    const step = (name: string) =>
      Effect.suspend(() => {
        steps.push(name)
        return name === odd.step ? odd.does : Effect.void
      })
    const fakes = Layer.mergeAll(
      Layer.mock(Actions, { close: step("actions") }),
      Layer.mock(Deliveries, { stopTyping: step("typing"), flushAcks: step("acks") }),
      Layer.mock(WorkerRegistry, { endAll: step("workers") }),
      Layer.mock(SidecarHub, { stop: Effect.void }),
      Layer.mock(NodeControl, { stop: step("node") }),
      Layer.mock(Store, { flush: step("store") })
    )
    const fiber = yield* Effect.fork(Effect.uninterruptible(Effect.provide(orderly("test"), fakes)))
    yield* TestClock.adjust("10 seconds")
    yield* Fiber.join(fiber)
    return steps
  })

it.effect("a step that hangs or breaks off takes nothing from those after it", () =>
  Effect.gen(function* () {
    for (const step of order) {
      assert.deepStrictEqual(yield* stepsWith({ step, does: Effect.never }), order, `${step} hangs`)
      assert.deepStrictEqual(yield* stepsWith({ step, does: Effect.die("a bug") }), order, `${step} breaks off`)
    }
  })
)
