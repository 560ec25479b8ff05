/**
 * Listening unix-domain sockets as signs of life: the kernel ends them with their process, `kill -9` included, so that
 * asking one is asking whether its owner lives. Every call translates one Node API and its errno.
 */
import { closeSync, openSync } from "node:fs"
import { createConnection, createServer, type Server } from "node:net"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, its final NUL included. */
const longestAddress = 100

/** Calls `use` with a way to name a file in `dir` that fits into a socket address, however long `dir` is (Linux). */
const withAddress = <A, R>(
  dir: string,
  name: string,
  use: (address: string) => Effect.Effect<A, NodeJS.ErrnoException, R>
): Effect.Effect<A, NodeJS.ErrnoException, R> => {
  const direct = join(dir, name)
  if (Buffer.byteLength(direct) <= longestAddress || process.platform !== "linux") return use(direct)
  return Effect.acquireUseRelease(
    Effect.try({ try: () => openSync(dir, "r"), catch: (cause) => cause as NodeJS.ErrnoException }),
    (fd) => use(`/proc/self/fd/${fd}/${name}`),
    (fd) => Effect.sync(() => closeSync(fd))
  )
}

/** Whether `dir` can hold sockets with names up to `nameBytes` long, on this platform. */
export const addressable = (dir: string, nameBytes: number): boolean =>
  process.platform === "linux" || Buffer.byteLength(dir) + 1 + nameBytes <= longestAddress

/**
 * Listens at `name` and says `greeting` to whoever connects. Never keeps the process alive. The file is not removed:
 * the caller renames it, and removes it by the name it has then.
 */
export const listen = (
  dir: string,
  name: string,
  greeting: string
): Effect.Effect<Server, NodeJS.ErrnoException, Scope.Scope> =>
  Effect.acquireRelease(
    withAddress(dir, name, (address) =>
      Effect.async<Server, NodeJS.ErrnoException>((resume) => {
        const server = createServer((socket) => {
          socket.on("error", () => socket.destroy())
          socket.unref()
          socket.end(greeting, () => socket.destroy())
        })
        server.once("error", (error) => resume(Effect.fail(error)))
        server.listen({ path: address }, () => {
          server.removeAllListeners("error").on("error", () => {}) // a failing accept must not end the process
          resume(Effect.succeed(server))
        })
        server.unref()
      })
    ),
    (server) => Effect.sync(() => server.close())
  )

export type Sign =
  /** Somebody listens. `greeting` is empty when it did not speak within a second: stopped, or very busy. */
  | { readonly _tag: "Alive"; readonly greeting: string }
  /** The file is there, its owner is not. */
  | { readonly _tag: "Dead" }
  | { readonly _tag: "Absent" }
  /** It ended while we asked. */
  | { readonly _tag: "Vanishing" }

const signOf = (errno: string | undefined): Sign | undefined => {
  switch (errno) {
    case "ECONNREFUSED":
    case "ENOTSOCK": // a plain file, on some systems
      return { _tag: "Dead" }
    case "ENOENT":
      return { _tag: "Absent" }
    case "EAGAIN": // its queue is full, so there is a queue
    case "ETIMEDOUT":
      return { _tag: "Alive", greeting: "" }
    case "ECONNRESET":
    case "EPIPE":
      return { _tag: "Vanishing" }
    default:
      return undefined
  }
}

/** Asks whoever listens at `name`. Fails when that cannot be told, as with a socket of another user. */
export const ask = (dir: string, name: string): Effect.Effect<Sign, NodeJS.ErrnoException> =>
  withAddress(dir, name, (address) =>
    Effect.async<Sign, NodeJS.ErrnoException>((resume) => {
      let greeting = ""
      const socket = createConnection({ path: address })
      const finish = (sign: Effect.Effect<Sign, NodeJS.ErrnoException>) => {
        socket.destroy()
        resume(sign)
      }
      socket.setEncoding("utf8")
      socket.on("data", (text: string) => {
        greeting = (greeting + text).slice(0, 4096)
        if (greeting.includes("\n")) finish(Effect.succeed({ _tag: "Alive", greeting }))
      })
      socket.on("error", (error: NodeJS.ErrnoException) => {
        const sign = signOf(error.code)
        finish(sign === undefined ? Effect.fail(error) : Effect.succeed(sign))
      })
      socket.on("close", () => finish(Effect.succeed({ _tag: "Vanishing" })))
      return Effect.sync(() => socket.destroy())
    }).pipe(
      Effect.interruptible, // else the limit would not hold in an uninterruptible caller
      Effect.timeoutTo({
        duration: "1 second",
        onSuccess: (sign) => sign,
        onTimeout: (): Sign => ({ _tag: "Alive", greeting: "" })
      })
    )
  )
