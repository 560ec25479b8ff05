/** Where the socket of a claim lives: at the path asked for, or where sockets can be when they cannot be there. */
import { createHash } from "node:crypto"
import { mkdirSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import { StateUnusable } from "../domain/Errors.ts"
import { addressable } from "./LockSocket.ts"

export interface Place {
  /** As asked for; what errors name. */
  readonly path: string
  readonly dir: string
  readonly base: string
}

export const unusable = (path: string) => (error: NodeJS.ErrnoException) =>
  new StateUnusable({ path, reason: error.code ?? error.message })

export const attempt = <A>(path: string, f: () => A): Effect.Effect<A, StateUnusable> =>
  Effect.try({ try: f, catch: (cause) => unusable(path)(cause as NodeJS.ErrnoException) })

const hashOf = (path: string) => createHash("sha256").update(resolve(path)).digest("hex").slice(0, 16)

/** The longest name that a contender adds to its base. */
const suffixBytes = ".0123456789ab.new".length

/** The same for every process of this user: for paths too long for a socket and file systems without sockets. */
export const elsewhere = (path: string): Place => ({
  path,
  dir: join(tmpdir(), `rb-${process.getuid?.() ?? 0}`),
  base: `${hashOf(path)}.lock`
})

export const locate = (path: string): Place => {
  if (process.platform === "win32") return { path, dir: "\\\\.\\pipe", base: `relay-broker-${hashOf(path)}` }
  const place = { path, dir: dirname(resolve(path)), base: basename(path) }
  return addressable(place.dir, Buffer.byteLength(place.base) + suffixBytes) ? place : elsewhere(path)
}

/** With mode 0700. One that exists keeps its mode. */
export const makeDirectory = (place: Place): Effect.Effect<void, StateUnusable> =>
  attempt(place.path, () => {
    mkdirSync(place.dir, { recursive: true, mode: 0o700 })
    if (place.dir === dirname(resolve(place.path))) return
    // in a shared temporary directory another user could have made it first, and could then remove our claims
    const { mode, uid } = statSync(place.dir)
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) throw new Error(`${place.dir} is not ours alone`)
  })
