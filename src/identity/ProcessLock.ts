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
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { join } from "node:path"
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
import { attempt, elsewhere, locate, makeDirectory, type Place, unusable } from "./LockPlace.ts"
import { ask, listen } from "./LockSocket.ts"

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
