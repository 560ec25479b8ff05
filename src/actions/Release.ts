/** The end of an agent that somebody asked for: the process, then everything that was kept for it (design 7, release). */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { UnknownWorker } from "../domain/Errors.ts"
import { Events } from "../events/Events.ts"
import { Store } from "../store/Store.ts"
import type { WorkerExit } from "../workers/Worker.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import type { Actions } from "./Actions.ts"
import type { CleanUp } from "./CleanUp.ts"
import type { SpawnPath } from "./SpawnPath.ts"

export interface ReleaseOptions {
  readonly cleanUp: CleanUp
  readonly stopSpawn: SpawnPath["stop"]
}

export const makeRelease = ({ cleanUp, stopSpawn }: ReleaseOptions) =>
  Effect.gen(function* () {
    const events = yield* Events
    const registry = yield* WorkerRegistry
    const store = yield* Store

    const release: Actions["Type"]["release"] = Effect.fn("Actions.release")(function* ({ name, reason }) {
      const wasStarting = yield* stopSpawn(name)
      const found = yield* registry.find(name)
      if (Option.isNone(found)) {
        if (!wasStarting && Option.isNone(yield* store.findAgent(name)))
          return yield* new UnknownWorker({ agent: name })
        return { exit: undefined, droppedDeliveries: 0 }
      }
      const worker = found.value
      yield* Effect.logInfo(`releasing ${name}${reason === undefined ? "" : `: ${reason}`}`)
      const exit: WorkerExit = yield* worker.end("released")
      const droppedDeliveries = yield* cleanUp.after(worker, "agent_released")
      yield* events.publish({ kind: "agent_released", name: worker.name })
      return { exit, droppedDeliveries }
    })
    return release
  })
