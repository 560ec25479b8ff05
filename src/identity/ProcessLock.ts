/**
 * A machine-wide exclusive claim on a path, held by a listening socket: it ends with its process, however that ends,
 * and a stale one is never mistaken for a live one. The holder tells its pid to whoever connects.
 *
 * Protocol. `<path>` is the holder; `<path>.<12 hex>` are contenders. A contender
 *   1. listens at a fresh name and renames it to its contender name (so no name is ever seen before it listens);
 *   2. then lists the contenders, asks each, and asks `<path>` last;
 *   3. wins when nobody else is alive, and renames its socket over `<path>`.
 * Why two never win: of two contenders one appeared later, so its list, made after that, held the earlier one, either
 * still under its contender name or, asked after the list, at `<path>`. No step waits on a clock for safety: a process
 * stopped for minutes between any two steps is still seen alive. No name is used twice, so removing a dead one is safe.
 * Of live contenders the lowest name stays and the others withdraw, so that one of them gets on.
 */

import { createHash, randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { closeSync, mkdirSync, openSync, statSync } from "node:fs"
import { createConnection, createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { StateUnusable } from "../domain/Errors.ts"
import { isRecord } from "../domain/Json.ts"

// Listening unix-domain sockets as signs of life: the kernel ends them with their process, `kill -9` included, so that
// asking one is asking whether its owner lives. Every call translates one Node API and its errno.

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
const addressable = (dir: string, nameBytes: number): boolean =>
  process.platform === "linux" || Buffer.byteLength(dir) + 1 + nameBytes <= longestAddress

/**
 * Listens at `name` and says `greeting` to whoever connects. Never keeps the process alive. The file is not removed:
 * the caller renames it, and removes it by the name it has then.
 */
const listen = (
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

type Sign =
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
const ask = (dir: string, name: string): Effect.Effect<Sign, NodeJS.ErrnoException> =>
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

// Where the socket of a claim lives: at the path asked for, or where sockets can be when they cannot be there.

interface Place {
  /** As asked for; what errors name. */
  readonly path: string
  readonly dir: string
  readonly base: string
}

const unusable = (path: string) => (error: NodeJS.ErrnoException) =>
  new StateUnusable({ path, reason: error.code ?? error.message })

const attempt = <A>(path: string, f: () => A): Effect.Effect<A, StateUnusable> =>
  Effect.try({ try: f, catch: (cause) => unusable(path)(cause as NodeJS.ErrnoException) })

const hashOf = (path: string) => createHash("sha256").update(resolve(path)).digest("hex").slice(0, 16)

/** The longest name that a contender adds to its base. */
const suffixBytes = ".0123456789ab.new".length

/** The same for every process of this user: for paths too long for a socket and file systems without sockets. */
const elsewhere = (path: string): Place => ({
  path,
  dir: join(tmpdir(), `rb-${process.getuid?.() ?? 0}`),
  base: `${hashOf(path)}.lock`
})

const locate = (path: string): Place => {
  if (process.platform === "win32") return { path, dir: "\\\\.\\pipe", base: `relay-broker-${hashOf(path)}` }
  const place = { path, dir: dirname(resolve(path)), base: basename(path) }
  return addressable(place.dir, Buffer.byteLength(place.base) + suffixBytes) ? place : elsewhere(path)
}

/** With mode 0700. One that exists keeps its mode. */
const makeDirectory = (place: Place): Effect.Effect<void, StateUnusable> =>
  attempt(place.path, () => {
    mkdirSync(place.dir, { recursive: true, mode: 0o700 })
    if (place.dir === dirname(resolve(place.path))) return
    // in a shared temporary directory another user could have made it first, and could then remove our claims
    const { mode, uid } = statSync(place.dir)
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) throw new Error(`${place.dir} is not ours alone`)
  })

/** Another live process, or another part of this one, holds the claim. */
export class LockHeld extends Schema.TaggedError<LockHeld>()("LockHeld", {
  path: Schema.String,
  /** Absent when the holder did not say, as a stopped process does not. */
  pid: Schema.optionalWith(Schema.Int, { exact: true })
}) {
  override get message() {
    return `${this.path} is held by ${this.pid === undefined ? "another process" : `process ${this.pid}`}`
  }
}

export interface LockOptions {
  readonly path: string
  /** Told to whoever connects, besides the pid. */
  readonly info?: { readonly [key: string]: string | number }
  /** Asked when a plain file is at `path`: whether the program that left it still uses it. Default: it does not. */
  readonly isHeldElsewhere?: Effect.Effect<boolean>
}

/** Contention is over in milliseconds; whoever cannot get through for this long is told that it is held. */
const patienceMillis = 5_000

const pidIn = (greeting: string): number | undefined => {
  try {
    const value: unknown = JSON.parse(greeting)
    return isRecord(value) && Number.isInteger(value["pid"]) ? Number(value["pid"]) : undefined
  } catch {
    return undefined
  }
}

const held = (path: string, pid?: number) => new LockHeld({ path, ...(pid === undefined ? {} : { pid }) })

/** Fails when somebody holds it; false: somebody is just leaving, ask again. */
const isFree = (place: Place, o: LockOptions): Effect.Effect<boolean, LockHeld | StateUnusable> =>
  Effect.gen(function* () {
    const file = yield* attempt(place.path, () => fs.lstatSync(join(place.dir, place.base), { throwIfNoEntry: false }))
    if (file === undefined) return true
    if (file.isDirectory()) return yield* new StateUnusable({ path: place.path, reason: "it is a directory" })
    if (file.isFile()) {
      if (o.isHeldElsewhere !== undefined && (yield* o.isHeldElsewhere)) return yield* held(place.path)
      return true
    }
    const sign = yield* Effect.mapError(ask(place.dir, place.base), unusable(place.path))
    if (sign._tag === "Alive") return yield* held(place.path, pidIn(sign.greeting))
    return sign._tag !== "Vanishing"
  })

const contenderSuffix = /^\.[0-9a-f]{12}$/
const unfinishedSuffix = /^\.[0-9a-f]{12}\.new$/

const siblings = (place: Place, suffix: RegExp) =>
  attempt(place.path, () =>
    fs
      .readdirSync(place.dir)
      .filter((name) => name.startsWith(place.base) && suffix.test(name.slice(place.base.length)))
  )

const remove = (place: Place, name: string) =>
  attempt(place.path, () => fs.rmSync(join(place.dir, name), { force: true }))

/** Live contenders but `own`. The dead ones are removed. */
const rivals = (place: Place, own: string) =>
  Effect.gen(function* () {
    const live: Array<string> = []
    for (const name of yield* siblings(place, contenderSuffix)) {
      if (name === own) continue
      const sign = yield* Effect.mapError(ask(place.dir, name), unusable(place.path))
      if (sign._tag === "Dead") yield* remove(place, name)
      else if (sign._tag !== "Absent") live.push(name)
    }
    return live
  })

interface Claim {
  readonly inode: bigint
  /** The name our socket has now. */
  name: string
}

/** Listens under a contender name. The scope's end removes the name, if it is still ours, and then stops listening. */
const publish = (place: Place, o: LockOptions) =>
  Effect.gen(function* () {
    const name = `${place.base}.${randomBytes(6).toString("hex")}`
    const at = (file: string) => join(place.dir, file)
    yield* Effect.mapError(
      listen(place.dir, `${name}.new`, `${JSON.stringify({ ...o.info, pid: process.pid })}\n`),
      unusable(place.path)
    )
    const claim: Claim = {
      name,
      inode: yield* attempt(place.path, () => {
        fs.chmodSync(at(`${name}.new`), 0o600)
        return fs.lstatSync(at(`${name}.new`), { bigint: true }).ino
      })
    }
    yield* Effect.acquireRelease(
      attempt(place.path, () => fs.renameSync(at(`${name}.new`), at(name))),
      () =>
        attempt(place.path, () => {
          const file = fs.lstatSync(at(claim.name), { bigint: true, throwIfNoEntry: false })
          if (file?.ino === claim.inode) fs.unlinkSync(at(claim.name))
        }).pipe(Effect.catchTag("StateUnusable", (error) => Effect.logDebug(`lock not removed: ${error.message}`)))
    )
    return claim
  })

/** One try: true when won, false when it gave way to another contender. */
const contend = (place: Place, o: LockOptions): Effect.Effect<boolean, LockHeld | StateUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    // asked before appearing: who contends is not disturbed by those who come later, so that somebody gets on
    if (!(yield* isFree(place, o)) || (yield* rivals(place, "")).length > 0) return false
    const claim = yield* publish(place, o)
    for (let round = 0; round < 100; round++) {
      const others = yield* rivals(place, claim.name)
      const free = yield* isFree(place, o)
      if (free && others.length === 0) {
        yield* attempt(place.path, () => fs.renameSync(join(place.dir, claim.name), join(place.dir, place.base)))
        claim.name = place.base
        return true
      }
      if (others.some((name) => name < claim.name)) return false
      yield* Effect.sleep("5 millis")
    }
    return false
  })

/** What a contender leaves behind when it is killed before it got its name. */
const sweep = (place: Place) =>
  Effect.gen(function* () {
    for (const name of yield* siblings(place, unfinishedSuffix)) {
      const sign = yield* Effect.mapError(ask(place.dir, name), unusable(place.path))
      if (sign._tag === "Dead") yield* remove(place, name)
    }
  }).pipe(Effect.catchTag("StateUnusable", (error) => Effect.logDebug(error.message)))

/** Runs `f` in a scope below ours that outlives it only when it answers true. */
const keepWhenTrue = <E, R>(
  f: Effect.Effect<boolean, E, R | Scope.Scope>
): Effect.Effect<boolean, E, R | Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const scope = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
      const exit = yield* Effect.exit(Scope.extend(restore(f), scope))
      if (Exit.isFailure(exit) || !exit.value) yield* Scope.close(scope, exit)
      return yield* exit
    })
  )

const acquireFile = (place: Place, o: LockOptions): Effect.Effect<void, LockHeld | StateUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    yield* makeDirectory(place)
    const started = yield* Clock.currentTimeMillis
    while (!(yield* keepWhenTrue(contend(place, o)))) {
      if ((yield* Clock.currentTimeMillis) - started > patienceMillis) return yield* held(place.path)
      yield* Effect.sleep(yield* Random.nextIntBetween(2, 30))
    }
    yield* sweep(place)
  })

/** A named pipe has one first owner and ends with it: the whole protocol is one call. */
const acquirePipe = (place: Place, o: LockOptions): Effect.Effect<void, LockHeld | StateUnusable, Scope.Scope> =>
  listen(place.dir, place.base, `${JSON.stringify({ ...o.info, pid: process.pid })}\n`).pipe(
    Effect.asVoid,
    Effect.catchAll((error) =>
      error.code === "EADDRINUSE" || error.code === "EACCES"
        ? Effect.flatMap(holder(place.path), (found) =>
            Effect.fail(held(place.path, Option.getOrUndefined(found)?.pid))
          )
        : Effect.fail(unusable(place.path)(error))
    )
  )

/** File systems that cannot hold sockets say so in one of these ways. */
const socketless = new Set(["ENOTSUP", "EOPNOTSUPP", "EPERM"])

/**
 * Takes the claim for as long as the scope lives. Missing directories are made (0700), the socket is 0600. Fails with
 * `LockHeld` at once when it is held, with `StateUnusable` when the directory cannot be used.
 */
export const acquire = (o: LockOptions): Effect.Effect<void, LockHeld | StateUnusable, Scope.Scope> => {
  const place = locate(o.path)
  if (process.platform === "win32") return acquirePipe(place, o)
  return Effect.catchIf(
    acquireFile(place, o),
    (error) => error._tag === "StateUnusable" && socketless.has(error.reason),
    () => acquireFile(elsewhere(o.path), o)
  )
}

/** Who holds it now, without touching it. */
export const holder = (
  path: string
): Effect.Effect<Option.Option<{ readonly pid: number | undefined }>, StateUnusable> => {
  const place = locate(path)
  return Effect.map(Effect.mapError(ask(place.dir, place.base), unusable(path)), (sign) =>
    sign._tag === "Alive" ? Option.some({ pid: pidIn(sign.greeting) }) : Option.none()
  )
}
