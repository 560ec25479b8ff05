/**
 * Directories of ephemeral brokers that were killed: nobody comes back to them, so the next broker of the same user ends
 * what is left of their agents' programs, and takes back what those were given.
 */
import { readdirSync, statSync } from "node:fs"
import { basename, join } from "node:path"

/** Of `agent-relay-ephemeral-<pid>-<instance>-<hex>`; undefined: some other name. */
export const ephemeralPid = (name: string): number | undefined => {
  const pid = /^agent-relay-ephemeral-(\d+)-.*-[0-9a-f]{32}$/.exec(name)?.[1]
  return pid === undefined ? undefined : Number(pid)
}

/** A process that may not be signalled is one all the same. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH"
  }
}

/** What cannot be looked at is not ours. */
const ownEntries = (directory: string): ReadonlyArray<string> => {
  try {
    return statSync(directory).uid === process.getuid?.() ? readdirSync(directory) : []
  } catch {
    return []
  }
}

const namesIn = (directory: string): ReadonlyArray<string> => {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

const isAbandoned = (name: string): boolean => {
  const pid = ephemeralPid(name)
  return pid !== undefined && !isAlive(pid)
}

/** Those among them that are called `<kind>-…`. */
export const abandonedDirs = (temporary: string, kind: "harness" | "processes"): ReadonlyArray<string> =>
  namesIn(temporary)
    .filter(isAbandoned)
    .flatMap((name) => ownEntries(join(temporary, name)).map((entry) => join(temporary, name, entry)))
    .filter((path) => basename(path).startsWith(`${kind}-`))
