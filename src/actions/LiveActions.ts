/** `Actions` from its parts; also the one consumer of worker exits, so that every end of an agent takes one path. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { SpawnFailed } from "../domain/Errors.ts"
import { SidecarHub } from "../sidecar/SidecarHub.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { Actions } from "./Actions.ts"
import { makeCleanUp } from "./CleanUp.ts"
import { makeDispatch } from "./Dispatch.ts"
import { makeInvoke } from "./Invocations.ts"
import { readInvocation } from "./InvokeInput.ts"
import { makeRelease } from "./Release.ts"
import { makeSpawnPath } from "./SpawnPath.ts"
import type { WorkerEnvironment } from "./workerEnvironment.ts"

export interface ActionsOptions {
  /** Where agents run that name no directory. */
  readonly defaultCwd: string
  readonly defaultChannels: ReadonlyArray<string>
  readonly environment: WorkerEnvironment
}

const make = ({ defaultChannels, defaultCwd, environment }: ActionsOptions) =>
  Effect.gen(function* () {
    const registry = yield* WorkerRegistry
    const sidecar = yield* SidecarHub
    let closed = false
    let draining = false

    const cleanUp = yield* makeCleanUp
    const spawnPath = yield* makeSpawnPath({ environment, cleanUp })
    const release = yield* makeRelease({ cleanUp, stopSpawn: spawnPath.stop })

    const spawn: Actions["Type"]["spawn"] = (request) =>
      Effect.suspend(() =>
        closed || draining
          ? Effect.fail(
              new SpawnFailed({
                agent: request.spec.name,
                stage: "validate",
                reason: closed ? "the broker is stopping" : "the broker is draining"
              })
            )
          : spawnPath.spawn(request)
      )
    const dispatch = makeDispatch({ spawn, release, sidecar, defaultCwd, defaultChannels })
    const invoke = yield* makeInvoke((frame, stale) =>
      // These words make the engine look for another node instead of failing the invocation (EP 9).
      draining && readInvocation(frame)._tag === "Spawn"
        ? Effect.succeed({ error: "handler_unavailable" })
        : dispatch(frame, stale)
    )

    yield* Effect.gen(function* () {
      const { exit, worker } = yield* registry.exits.take
      // A released worker is cleaned up by its release, and at shutdown messages stay unacked.
      if (exit.reason === "child_exited") yield* cleanUp.after(worker, "worker_exited")
    }).pipe(
      Effect.catchTag("NoSuchElementException", () => Effect.interrupt),
      Effect.forever,
      Effect.forkScoped
    )

    return Actions.of({
      spawn,
      release,
      invoke: (o) =>
        Effect.suspend(() =>
          closed
            ? Effect.logInfo(`invocation ${o.frame.invocation_id} left with the engine: the broker is stopping`)
            : invoke(o)
        ),
      drain: Effect.sync(() => {
        draining = true
      }),
      close: Effect.sync(() => {
        closed = true
      })
    })
  })

export const layer = (options: ActionsOptions) => Layer.scoped(Actions, make(options))
