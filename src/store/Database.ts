/** The tables behind one connection: transactions of steps, with a little retention in each. Throws what the library throws. */

import { Connection } from "../sqlite/Connection.ts"
import { type Driver, troubleOf } from "../sqlite/Libsql.ts"
import type { CursorTrust } from "./CursorTrust.ts"
import type { Limits } from "./Limits.ts"
import type { Reads, Step } from "./Reads.ts"
import { Retention } from "./Retention.ts"
import { sqlReads } from "./SqlReads.ts"
import { applyWrite, forgetCursors } from "./SqlWrites.ts"
import { migrations } from "./tables.ts"
import { bytesOf } from "./Writes.ts"

/** Free pages that stay for reuse (4 MiB), and how many more one checkpoint gives back. */
const sparePages = 1_024
const shrinkPages = 512

export interface Applying {
  readonly trust: CursorTrust
  readonly nowMillis: number
  readonly refused: (step: Step, error: unknown) => void
}

export class Database {
  readonly connection: Connection
  readonly reads: Reads
  private readonly retention: Retention
  private readonly limits: Limits
  private commits = 0
  private writes = 0
  private bytes = 0

  constructor(o: {
    readonly driver: Driver
    readonly path: string
    readonly limits: Limits
    readonly unreadable: () => void
  }) {
    this.connection = Connection.open(o.driver, o.path, migrations)
    this.limits = o.limits
    this.reads = sqlReads(this.connection, o)
    this.retention = new Retention(this.connection, o.limits)
  }

  /**
   * The steps in order, as one transaction. A step that cannot be stored costs only itself: then each is tried alone, and
   * `refused` hears of it. Throws, with nothing stored, or some of the first steps, when the trouble is not one of a step.
   */
  apply(steps: ReadonlyArray<Step>, o: Applying): void {
    try {
      this.transact(steps, o)
    } catch (error) {
      if (troubleOf(error) !== "refused") throw error
      this.transactEach(steps, o)
    }
  }

  private transactEach(steps: ReadonlyArray<Step>, o: Applying): void {
    for (const step of steps) {
      try {
        this.transact([step], o)
      } catch (error) {
        if (troubleOf(error) !== "refused") throw error
        o.refused(step, error)
      }
    }
  }

  /** All steps or none. */
  private transact(steps: ReadonlyArray<Step>, { nowMillis, trust }: Applying): void {
    const forget = trust.mustForget
    if (!forget && !steps.some(({ _tag }) => _tag === "Write")) {
      for (const step of steps) this.read(step)
      return
    }
    this.connection.transaction(() => {
      if (forget) forgetCursors(this.connection)
      for (const step of steps) {
        if (step._tag !== "Write") {
          this.read(step)
          continue
        }
        applyWrite(this.connection, step.write, trust.keepsCursor(step.write))
        this.retention.note(step.write)
        this.writes += 1
        this.bytes += bytesOf(step.write)
      }
      this.retention.step(nowMillis)
    })
    this.commits += 1
    trust.forgotten()
  }

  private read(step: Step): void {
    if (step._tag === "Read") step.run(this.reads)
  }

  get wantsCheckpoint(): boolean {
    const { checkpointBytes, checkpointCommits, checkpointWrites } = this.limits
    return this.commits >= checkpointCommits || this.writes >= checkpointWrites || this.bytes >= checkpointBytes
  }

  checkpoint(): void {
    this.commits = 0
    this.writes = 0
    this.bytes = 0
    if (this.connection.freePages() > sparePages) this.connection.shrink(shrinkPages)
    this.connection.checkpoint()
  }
}
