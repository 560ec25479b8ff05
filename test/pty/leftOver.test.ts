import { assert, describe, it } from "vitest"
import type { ProcessEntry } from "../../src/pty/kinProcesses.ts"
import { type ChildRecord, leftOver } from "../../src/pty/leftOver.ts"

const entry = (pid: number, parent: number, group: number, session: number, startTicks = pid): ProcessEntry => ({
  pid,
  parent,
  group,
  session,
  startTicks
})
const record: ChildRecord = { what: "agent w1", pid: 100, startTicks: 100, boot: "b", mark: "m" }
const leader = entry(100, 1, 100, 100)
const child = entry(101, 100, 100, 100)
const job = entry(102, 101, 102, 100)
const ownSession = entry(103, 101, 103, 103)
const daemon = entry(106, 1, 106, 106)
const stranger = entry(200, 1, 200, 200)
const rest = [child, job, ownSession, daemon, stranger]

const marked = () => true
const unmarked = () => false
const pids = (
  processes: ReadonlyArray<ProcessEntry>,
  isMarked: (entry: ProcessEntry) => boolean,
  from: ChildRecord = record
) => leftOver(from, processes, isMarked).map(({ pid }) => pid)

describe("what is left of a child", () => {
  it("is its leader with group, jobs and descendants, marked or not; never a daemon or a stranger", () => {
    assert.sameMembers(pids([leader, ...rest], unmarked), [100, 101, 102, 103])
  })

  it("is nothing when another process has the pid by now, whatever is in its group", () => {
    const other = entry(100, 1, 100, 100, 99_999)
    assert.deepStrictEqual(pids([other, ...rest], marked), [])
    const { startTicks: _unknown, ...startless } = record
    assert.deepStrictEqual(pids([leader, ...rest], marked, startless), [])
  })

  it("without the leader is what carries the mark in its group or session", () => {
    assert.deepStrictEqual(pids(rest, marked), [101, 102])
    assert.deepStrictEqual(
      pids(rest, ({ pid }) => pid === 102),
      [102]
    )
    assert.deepStrictEqual(pids(rest, unmarked), [])
  })
})
