/** Collects what the recording programs report (fixtures/programs/bench-recorder.mjs), and lets others wait for it. */
import { rmSync } from "node:fs"
import { createServer, type Socket } from "node:net"
import { createInterface } from "node:readline"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { nowMillis } from "./Clock.ts"

/** Milliseconds on the monotonic clock. */
export interface Trace {
  /** The whole text was read. */
  text?: number
  /** The program has shown it. */
  shown?: number
  /** The Enter after it was read. */
  enter?: number
}

export interface Recorders {
  /** For the programs' first argument. */
  readonly path: string
  readonly trace: (id: string) => Trace
  readonly awaitHello: (name: string) => Effect.Effect<void>
  readonly awaitEnter: (ids: ReadonlyArray<string>) => Effect.Effect<void>
  /** A byte to a program: how long until that very program has read it. What no broker can be faster than. */
  readonly ping: (name: string) => Effect.Effect<number>
}

interface Report {
  readonly type: "hello" | "pong" | "text" | "enter"
  readonly name: string
  readonly at: number
  readonly shownAt?: number
  readonly ids?: ReadonlyArray<string>
}

export const listen = (path: string): Effect.Effect<Recorders, never, Scope.Scope> =>
  Effect.gen(function* () {
    const traces = new Map<string, Trace>()
    const programs = new Map<string, Socket>()
    const pongs = new Map<string, number>()
    const sockets = new Set<Socket>()
    const waiters = new Set<() => void>()

    const traceOf = (id: string): Trace => {
      const known = traces.get(id) ?? {}
      traces.set(id, known)
      return known
    }
    const take = (report: Report, socket: Socket) => {
      if (report.type === "hello") programs.set(report.name, socket)
      if (report.type === "pong") pongs.set(report.name, report.at)
      for (const id of report.ids ?? []) {
        const trace = traceOf(id)
        if (report.type === "enter") trace.enter ??= report.at
        else {
          trace.text ??= report.at
          if (report.shownAt !== undefined) trace.shown ??= report.shownAt
        }
      }
      for (const waiter of [...waiters]) waiter()
    }
    const until = (done: () => boolean) =>
      Effect.async<void>((resume) => {
        const look = () => {
          if (!done()) return
          waiters.delete(look)
          resume(Effect.void)
        }
        waiters.add(look)
        look()
        return Effect.sync(() => waiters.delete(look))
      })

    yield* Effect.acquireRelease(
      Effect.async<ReturnType<typeof createServer>>((resume) => {
        const server = createServer((socket) => {
          sockets.add(socket)
          socket.on("error", () => {})
          socket.on("close", () => sockets.delete(socket))
          createInterface({ input: socket }).on("line", (line) => take(JSON.parse(line) as Report, socket))
        })
        server.listen(path, () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.close()
          for (const socket of sockets) socket.destroy()
          rmSync(path, { force: true })
        })
    )

    return {
      path,
      trace: (id) => traces.get(id) ?? {},
      awaitHello: (name) => until(() => programs.has(name)),
      awaitEnter: (ids) => until(() => ids.every((id) => traces.get(id)?.enter !== undefined)),
      ping: (name) =>
        Effect.suspend(() => {
          pongs.delete(name)
          const sent = nowMillis()
          programs.get(name)?.write("p")
          return Effect.map(
            until(() => pongs.has(name)),
            () => (pongs.get(name) ?? Number.NaN) - sent
          )
        })
    }
  })
