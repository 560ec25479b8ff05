// Every process that a broker started, so that nothing outlives a run: 9.1.6 leaves its workers behind when it is killed.
import { readdirSync, readFileSync } from "node:fs"

/** Parent and start time: together with its number the latter names a process for good. */
const statOf = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return { pid, state: fields[0], parent: Number(fields[1]), started: fields[19] }
  } catch {
    return undefined
  }
}

const numbers = () => {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}

/** Nothing where there is no /proc. */
export const descendantsOf = (root) => {
  const all = numbers().flatMap((pid) => statOf(pid) ?? [])
  const below = (pid) => all.filter(({ parent }) => parent === pid).flatMap((one) => [one, ...below(one.pid)])
  return below(root)
}

export const isAlive = ({ pid, started }) => {
  const now = statOf(pid)
  return now !== undefined && now.started === started && now.state !== "Z"
}

export const end = (one) => {
  if (!isAlive(one)) return
  try {
    process.kill(one.pid, "SIGKILL")
  } catch {
    // It ended between the look and the signal.
  }
}
