import { assert, describe, it } from "vitest"
import { kinOf, type ProcessEntry, readStat } from "../../src/pty/kinProcesses.ts"

const entry = (pid: number, parent: number, group: number, session: number): ProcessEntry => ({
  pid,
  parent,
  group,
  session,
  startTicks: pid
})
const pids = (kin: ReadonlyArray<ProcessEntry>) => kin.map(({ pid }) => pid).sort((a, b) => a - b)

describe("the line of a process", () => {
  it("is read whatever the command is called", () => {
    const rest = "S 10 11 12 34816 11 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4711 100"
    assert.deepStrictEqual(readStat(`42 (a) b) ${rest}`), {
      pid: 42,
      parent: 10,
      group: 11,
      session: 12,
      startTicks: 4711
    })
    assert.isUndefined(readStat(""))
    assert.isUndefined(readStat("42 (short) S 1"))
  })
})

describe("the kin of a program", () => {
  const program = entry(100, 1, 100, 100)
  const child = entry(101, 100, 100, 100)
  const job = entry(102, 101, 102, 100)
  const ownSession = entry(103, 101, 103, 103)
  const below = entry(104, 103, 103, 103)
  const orphanedJob = entry(105, 1, 105, 100)
  const daemon = entry(106, 1, 106, 106)
  const stranger = entry(200, 1, 200, 200)
  const all = [program, child, job, ownSession, below, orphanedJob, daemon, stranger]

  it("is what left its group: jobs, own sessions and what is below them; not its group, which is signalled as one", () => {
    assert.deepStrictEqual(pids(kinOf(100, all, false)), [102, 103, 104, 105])
  })

  it("is none of a process that has its pid after it was gone", () => {
    assert.deepStrictEqual(kinOf(100, all, true), [])
    const left = all.filter(({ pid }) => pid !== 100).map((each) => (each === child ? { ...child, parent: 1 } : each))
    assert.deepStrictEqual(pids(kinOf(100, left, true)), [102, 103, 104, 105])
  })
})
