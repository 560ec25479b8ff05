/** A damaged database is kept for whoever wants to look at it, as `<name>.damaged-<time>`; the latest three of them. */
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs"
import { basename, dirname, join } from "node:path"

const keptCopies = 3

/** Moves the file and its log away; throws when that cannot be done. Returns the new path. */
export const setAside = (path: string, atMillis: number): string => {
  const directory = dirname(path)
  const prefix = `${basename(path)}.damaged-`
  const target = freeName(join(directory, `${prefix}${new Date(atMillis).toISOString().replaceAll(":", "")}`))
  renameSync(path, target)
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${target}-wal`)
  // The index of the log is made anew from the log.
  rmSync(`${path}-shm`, { force: true })
  const copies = readdirSync(directory)
    .filter((name) => name.startsWith(prefix) && !name.endsWith("-wal") && !name.endsWith("-shm"))
    .sort()
  for (const name of copies.slice(0, -keptCopies)) {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(join(directory, `${name}${suffix}`), { force: true })
  }
  return target
}

const freeName = (wanted: string): string => {
  let name = wanted
  for (let index = 2; existsSync(name); index++) name = `${wanted}.${index}`
  return name
}
