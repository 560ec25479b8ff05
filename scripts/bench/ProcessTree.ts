/**
 * What a broker's processes take, read from /proc: itself and every descendant that runs the broker's own program (9.1.6
 * has one worker process per agent), not the agents' programs.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs"

export const isSupported = existsSync("/proc/self/task")
export const unsupported = "read from /proc, which is not here"

export interface Usage {
  readonly processes: number
  /** Resident set, shared pages counted in each process, megabytes. */
  readonly rssMegabytes: number
  /** Time on a core since the start, milliseconds. */
  readonly cpuMillis: number
}

/** A process that ends while we look is none. */
const attempt = <A>(read: () => A): A | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}

const parentOf = (pid: number): number | undefined =>
  attempt(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
  })

/** What it runs: the executable, and for an interpreter the script. */
const programOf = (pid: number): string | undefined =>
  attempt(() => {
    const executable = readlinkSync(`/proc/${pid}/exe`)
    const script = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[1] ?? ""
    return /\.[cm]?js$/.test(script) ? `${executable} ${script}` : executable
  })

const descendantsOf = (root: number): ReadonlyArray<number> => {
  const children = new Map<number, Array<number>>()
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry)
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const below = (pid: number): ReadonlyArray<number> => (children.get(pid) ?? []).flatMap((one) => [one, ...below(one)])
  return below(root)
}

const rssOf = (pid: number): number =>
  Number(attempt(() => /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) ?? 0) / 1_024

/** In nanoseconds per thread where the kernel tells, which is a thousand times finer than the ticks of `stat`. */
const cpuOf = (pid: number): number =>
  (attempt(() => readdirSync(`/proc/${pid}/task`)) ?? [])
    .map((task) => attempt(() => readFileSync(`/proc/${pid}/task/${task}/schedstat`, "latin1")) ?? "0")
    .reduce((sum, line) => sum + Number(line.split(" ")[0]) / 1e6, 0)

/** Ends those of these processes that still run the same program. */
export const endAll = (former: ReadonlyMap<number, string>): void => {
  for (const [pid, program] of former) if (programOf(pid) === program) attempt(() => process.kill(pid, "SIGKILL"))
}

/** What runs below a process, by its number. */
export const programsBelow = (root: number): ReadonlyMap<number, string> =>
  new Map(descendantsOf(root).flatMap((pid) => [[pid, programOf(pid) ?? ""] as const]))

/** Zeros where it is not supported. */
export const usageOf = (root: number): Usage => {
  if (!isSupported) return { processes: 0, rssMegabytes: 0, cpuMillis: 0 }
  const program = programOf(root)
  const pids = [root, ...descendantsOf(root).filter((pid) => programOf(pid) === program)]
  return {
    processes: pids.length,
    rssMegabytes: pids.reduce((sum, pid) => sum + rssOf(pid), 0),
    cpuMillis: pids.reduce((sum, pid) => sum + cpuOf(pid), 0)
  }
}
