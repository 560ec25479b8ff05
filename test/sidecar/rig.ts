/** The hub on virtual time, with sidecars that are lists of frames and processes that are deferreds. */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { Events } from "../../src/events/Events.ts"
import type { ControlRequest, Supervision } from "../../src/sidecar/Frames.ts"
import { type Declaration, make, type SidecarHubOptions } from "../../src/sidecar/SidecarHub.ts"

import { type LaunchSidecar, SidecarNotStarted } from "../../src/sidecar/SidecarProcess.ts"
import type { SidecarCommand } from "../../src/sidecar/supervisedCommand.ts"

export interface FakeProcess {
  readonly command: SidecarCommand
  readonly atMillis: number
  readonly signals: Array<string>
  readonly die: (how: string) => Effect.Effect<void>
}

interface Sent {
  readonly type: string
  readonly payload: { readonly [key: string]: unknown }
}

export const supervision = (more: Partial<Supervision> = {}): Supervision => ({
  argv: ["sidecar", "serve"],
  cwd: "/",
  ...more
})

/** Lets every fiber go on until it waits for something. */
export const settle = TestClock.adjust(0)

export const makeRig = (o: { readonly ignoresTerm?: boolean } & Partial<SidecarHubOptions> = {}) =>
  Effect.gen(function* () {
    const context = yield* Layer.build(Alerts.layer.pipe(Layer.provideMerge(Events.layer)))
    const declared: Array<Declaration> = []
    const processes: Array<FakeProcess> = []
    const world = { startable: true }

    const launch: LaunchSidecar = (command) =>
      Effect.gen(function* () {
        if (!world.startable) return yield* new SidecarNotStarted({ reason: "ENOENT" })
        const exit = yield* Deferred.make<string>()
        const clock = yield* Effect.clock
        const process: FakeProcess = {
          command,
          atMillis: clock.unsafeCurrentTimeMillis(),
          signals: [],
          die: (how) => Effect.asVoid(Deferred.succeed(exit, how))
        }
        processes.push(process)
        return {
          pid: 1000 + processes.length,
          exit: Deferred.await(exit),
          signal: (signal) =>
            Effect.suspend(() => {
              process.signals.push(signal)
              return signal === "SIGKILL" || o.ignoresTerm !== true ? process.die(signal) : Effect.void
            })
        }
      })

    const hub = yield* make({
      capabilities: [],
      declare: (declaration) => Effect.sync(() => void declared.push(declaration)),
      launch,
      logPath: "/logs/sidecar.log",
      nodeName: Effect.succeed("node-1"),
      ...o
    }).pipe(Effect.provide(context))

    const sidecar = Effect.gen(function* () {
      const frames: Array<Sent> = []
      const connection = yield* hub.connect({ send: (text) => Effect.sync(() => void frames.push(JSON.parse(text))) })
      const control = <T extends ControlRequest["type"]>(
        type: T,
        payload: Extract<ControlRequest, { readonly type: T }>["payload"]
      ) => connection.control({ type, payload } as ControlRequest)
      return {
        frames,
        control,
        lost: connection.lost,
        register: (names: ReadonlyArray<string>, supervised?: Supervision) =>
          control("register_node", {
            manifest: { name: "node-1", capabilities: names.map((name) => ({ name, kind: "action" })) },
            ...(supervised === undefined ? {} : { supervision: supervised })
          }).pipe(Effect.zipRight(control("register_handlers", { names })), Effect.zipLeft(settle))
      }
    })

    return {
      hub,
      sidecar,
      declared,
      processes,
      world,
      alerts: Effect.map(Context.get(context, Alerts).list, (alerts) =>
        alerts.map(({ code, message }) => ({ code, message }))
      ),
      /** Names of the last declaration. */
      names: () => declared.at(-1)?.capabilities.map(({ name }) => name)
    }
  })
