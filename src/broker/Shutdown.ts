/**
 * The orderly end: explicit steps in a fixed order, each bounded, so that the whole takes less
 * than 5 s whatever hangs. Ending workers here is not a release: their messages stay unacked.
 */
import * as Effect from "effect/Effect"
import { Actions } from "../agents/Actions.ts"
import { Deliveries } from "../delivery/Deliveries.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { SidecarHub } from "../sidecar/SidecarHub.ts"
import { Store } from "../store/Store.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"

const bounded = (step: string, millis: number, effect: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.interruptible(effect).pipe(
    Effect.timeoutFail({ duration: millis, onTimeout: () => "timeout" as const }),
    Effect.catchAll(() => Effect.logWarning(`shutdown: ${step} was not done within ${millis} ms`)),
    // A bug in one step is no reason to leave out those after it.
    Effect.catchAllDefect((defect) => Effect.logError(`shutdown: ${step} broke off`, defect))
  )

export const orderly = (reason: string) =>
  Effect.gen(function* () {
    const actions = yield* Actions
    const deliveries = yield* Deliveries
    const node = yield* NodeControl
    const registry = yield* WorkerRegistry
    const sidecar = yield* SidecarHub
    const store = yield* Store
    yield* Effect.logInfo(`stopping: ${reason}`)
    yield* bounded("closing actions", 200, actions.close)
    yield* bounded("stopping deliveries", 200, deliveries.stopTyping)
    yield* bounded("flushing acks", 500, deliveries.flushAcks)
    yield* bounded(
      "ending agents and sidecar",
      2_600,
      Effect.all([registry.endAll, sidecar.stop], { concurrency: "unbounded", discard: true })
    )
    yield* bounded("leaving the engine", 1_200, node.stop)
    yield* bounded("writing the store", 500, store.flush)
  })
