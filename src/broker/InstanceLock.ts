/** One broker per name and directory: a listening socket that dies with its process, in place of `flock`. */
import { lstatSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { AlreadyRunning, type StateUnusable } from "../domain/Errors.ts"
import * as ProcessLock from "../identity/ProcessLock.ts"
import { safeName } from "./Config.ts"
import * as ConnectionFile from "./ConnectionFile.ts"

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
    const pid = ConnectionFile.read(directory)?.pid
    return isFile && pid !== undefined && pid !== process.pid && isAlive(pid)
  })

export const acquire = (o: {
  readonly directory: string
  readonly instanceName: string
}): Effect.Effect<void, AlreadyRunning | StateUnusable, Scope.Scope> => {
  const path = join(o.directory, `broker-${safeName(o.instanceName)}.lock`)
  return ProcessLock.acquire({ path, info: {}, isHeldElsewhere: heldByOther(path, o.directory) }).pipe(
    Effect.catchTag("LockHeld", (held) => {
      const pid = held.pid ?? ConnectionFile.read(o.directory)?.pid
      return Effect.fail(new AlreadyRunning({ directory: o.directory, ...(pid === undefined ? {} : { pid }) }))
    })
  )
}
