/** `Actions` from its parts; also the one consumer of worker exits, so that every end of an agent takes one path. */
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Actions } from "../agents/Actions.ts"
import { AgentRegistrar } from "../agents/AgentRegistrar.ts"
import { makeCleanUp } from "../agents/CleanUp.ts"
import { makeRelease } from "../agents/Release.ts"
import { makeRestarts } from "../agents/Restarts.ts"
import { makeSpawnPath } from "../agents/SpawnPath.ts"
import type { WorkerEnvironment } from "../agents/workerEnvironment.ts"
import { SpawnFailed } from "../domain/Errors.ts"
import { makeTurns } from "../domain/KeyedMutex.ts"
import { supervised } from "../domain/Supervision.ts"
import type { Worker } from "../injection/Worker.ts"
import { SidecarHub } from "../sidecar/SidecarHub.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import { type WorkerExited, WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { makeDispatch } from "./Dispatch.ts"
import { handlerUnavailable } from "./InvocationLedger.ts"
import { makeAsk, makeInvoke } from "./Invocations.ts"

import { readInvocation } from "./InvokeInput.ts"

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
    const { checkBinding } = yield* AgentRegistrar
    const endings = yield* FiberSet.make<void>()
    const turns = makeTurns<string>()
    let closed = false
    let draining = false

    const cleanUp = yield* makeCleanUp(turns)
    const spawnPath = yield* makeSpawnPath({ environment, cleanUp, turns })
    const restarts = yield* makeRestarts({ environment, cleanUp, turns })
    const release = yield* makeRelease({
      cleanUp,
      turns,
      stopSpawn: spawnPath.stop,
      cancelRestart: restarts.cancel
    })

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
      ).pipe(
        Effect.tapBoth({
          onFailure: ({ _tag }) => Effect.sync(() => Metrics.spawns.add(_tag)),
          onSuccess: () => Effect.sync(() => Metrics.spawns.add("ok"))
        })
      )
    const ask = yield* makeAsk
    const dispatch = makeDispatch({ spawn, release, sidecar, checkBinding, defaultCwd, defaultChannels })
    const invoke = yield* makeInvoke((frame, stale) =>
      // These words make the engine look for another node instead of failing the invocation.
      draining && readInvocation(frame)._tag === "Spawn"
        ? Effect.succeed({ answer: { error: handlerUnavailable } })
        : dispatch(frame, stale)
    )

    const ended = ({ exit, worker }: WorkerExited): Effect.Effect<void> => {
      Metrics.exits.add(exit.reason)
      // At shutdown messages stay unacked. Nobody is started again during a drain.
      return draining && exit.reason === "child_exited"
        ? Effect.asVoid(cleanUp.after(worker, "worker_exited"))
        : exit.reason !== "child_exited"
          ? Effect.void
          : restarts.ended(worker, exit)
    }

    yield* registry.exits.take.pipe(
      // In a fiber of its own: one agent's clean-up may wait for a spawn of its name, and holds up no other.
      Effect.flatMap((exited) => FiberSet.run(endings, ended(exited))),
      Effect.catchTag("NoSuchElementException", () => Effect.interrupt),
      Effect.forever,
      Effect.forkScoped
    )

    // What a later run of the broker goes on with. Whoever has ended meanwhile has left the table.
    const noteSession = (worker: Worker) =>
      Effect.flatMap(registry.find(worker.name), (found) =>
        Option.getOrUndefined(found) === worker ? cleanUp.record(worker, "live") : Effect.void
      )
    yield* registry.sessions.take.pipe(
      Effect.flatMap(noteSession),
      Effect.catchTag("NoSuchElementException", () => Effect.interrupt),
      Effect.forever,
      supervised("sessions of agents"),
      Effect.forkScoped
    )

    return Actions.of({
      spawn,
      release,
      ask,
      invoke: (o) =>
        Effect.suspend(() =>
          closed
            ? Effect.logInfo(`invocation ${o.frame.invocation_id} left with the engine: the broker is stopping`)
            : invoke(o)
        ),
      drain: Effect.sync(() => {
        draining = true
      }),
      close: Effect.suspend(() => {
        closed = true
        return restarts.close
      })
    })
  })

export const layer = (options: ActionsOptions) => Layer.scoped(Actions, make(options))
