/** The broker's directory: made 0700, tightened when it was wider, removed with an ephemeral broker. */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync
} from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { AlreadyRunning, StateUnusable } from "../domain/Errors.ts"
import * as ProcessLock from "../identity/ProcessLock.ts"
import { safeName } from "./Config.ts"

const attempt = <A>(path: string, run: () => A): Effect.Effect<A, StateUnusable> =>
  Effect.try({ try: run, catch: (cause) => new StateUnusable({ path, reason: (cause as Error).message }) })

export const prepare = (o: {
  readonly path: string
  readonly ephemeral: boolean
}): Effect.Effect<void, StateUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    yield* attempt(o.path, () => {
      mkdirSync(o.path, { recursive: true, mode: 0o700 })
      if ((statSync(o.path).mode & 0o077) !== 0) chmodSync(o.path, 0o700)
    })
    if (!o.ephemeral) return
    yield* Effect.addFinalizer(() =>
      attempt(o.path, () => rmSync(o.path, { recursive: true, force: true })).pipe(
        Effect.catchTag("StateUnusable", (error) => Effect.logWarning(error.message))
      )
    )
  })

// `connection.json`: how clients find this broker. 0600, written atomically, removed only while it is ours.

const Connection = Schema.Struct({
  api_key: Schema.String,
  pid: Schema.Int,
  port: Schema.Int,
  url: Schema.String
})
type Connection = typeof Connection.Type

const decode = Schema.decodeUnknownEither(Schema.parseJson(Connection))

const connectionPath = (directory: string): string => join(directory, "connection.json")

/** Undefined when there is none that can be read. */
const read = (directory: string): Connection | undefined => {
  try {
    return Either.getOrUndefined(decode(readFileSync(connectionPath(directory), "utf8")))
  } catch {
    return undefined
  }
}

const write = (path: string, body: string) => {
  const temporary = `${path}.${process.pid}.tmp`
  rmSync(temporary, { force: true })
  const file = openSync(temporary, "wx", 0o600)
  try {
    writeSync(file, body)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

/** Until the scope ends, at a failed start as much as at an orderly stop. */
export const publish = (o: {
  readonly directory: string
  readonly url: string
  readonly port: number
  readonly apiKey: Redacted.Redacted<string>
}): Effect.Effect<void, StateUnusable, Scope.Scope> => {
  const path = connectionPath(o.directory)
  const body: Connection = { api_key: Redacted.value(o.apiKey), pid: process.pid, port: o.port, url: o.url }
  return Effect.acquireRelease(
    Effect.try({
      try: () => write(path, `${JSON.stringify(body, null, 2)}\n`),
      catch: (cause) => new StateUnusable({ path, reason: (cause as Error).message })
    }),
    () =>
      Effect.sync(() => {
        const current = read(o.directory)
        if (current?.pid === process.pid && current.port === o.port) rmSync(path, { force: true })
      })
  )
}

// One broker per name and directory: a listening socket that dies with its process, in place of `flock`.

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** A plain lock file is the mark of broker 9.1.6, whose `flock` cannot be seen from here: its connection file can. */
const heldByOther = (path: string, directory: string): Effect.Effect<boolean> =>
  Effect.sync(() => {
    const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false
    const pid = read(directory)?.pid
    return isFile && pid !== undefined && pid !== process.pid && isAlive(pid)
  })

export const acquire = (o: {
  readonly directory: string
  readonly instanceName: string
}): Effect.Effect<void, AlreadyRunning | StateUnusable, Scope.Scope> => {
  const path = join(o.directory, `broker-${safeName(o.instanceName)}.lock`)
  return ProcessLock.acquire({ path, info: {}, isHeldElsewhere: heldByOther(path, o.directory) }).pipe(
    Effect.catchTag("LockHeld", (held) => {
      const pid = held.pid ?? read(o.directory)?.pid
      return Effect.fail(new AlreadyRunning({ directory: o.directory, ...(pid === undefined ? {} : { pid }) }))
    })
  )
}
