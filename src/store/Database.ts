/** The tables behind one connection: transactions of steps, with a little retention in each. Throws what the library throws. */
import { Connection } from "./Connection.ts"
import type { CursorTrust } from "./CursorTrust.ts"
import type { Step } from "./GroupCommit.ts"
import type { Driver } from "./Libsql.ts"
import type { Limits } from "./Limits.ts"
import { Retention } from "./Retention.ts"
import type { Reads } from "./Reads.ts"
import { sqlReads } from "./SqlReads.ts"
import { applyWrite, forgetCursors } from "./SqlWrites.ts"
import { bytesOf } from "./Writes.ts"

/** Free pages that stay for reuse (4 MiB), and how many more one checkpoint gives back. */
const sparePages = 1_024
const shrinkPages = 512

export class Database {
  readonly connection: Connection
  readonly reads: Reads
  private readonly retention: Retention
  private readonly limits: Limits
  private writes = 0
  private bytes = 0

  constructor(o: {
    readonly driver: Driver
    readonly path: string
    readonly limits: Limits
    readonly unreadable: () => void
  }) {
    this.connection = Connection.open(o.driver, o.path)
    this.limits = o.limits
    this.reads = sqlReads(this.connection, o)
    this.retention = new Retention(this.connection, o.limits)
  }

  /** All steps or none; `forget` drops every stored cursor first. */
  transact(
    steps: ReadonlyArray<Step>,
    o: { readonly trust: CursorTrust; readonly forget: boolean; readonly nowMillis: number }
  ): void {
    if (!o.forget && !steps.some(({ _tag }) => _tag === "Write")) {
      for (const step of steps) this.read(step)
      return
    }
    this.connection.transaction(() => {
      if (o.forget) forgetCursors(this.connection)
      for (const step of steps) {
        if (step._tag !== "Write") {
          this.read(step)
          continue
        }
        applyWrite(this.connection, step.write, o.trust.keepsCursor(step.write))
        this.retention.note(step.write)
        this.writes += 1
        this.bytes += bytesOf(step.write)
      }
      this.retention.step(o.nowMillis)
    })
  }

  private read(step: Step): void {
    if (step._tag === "Read") step.run(this.reads)
  }

  get wantsCheckpoint(): boolean {
    return this.writes >= this.limits.checkpointWrites || this.bytes >= this.limits.checkpointBytes
  }

  checkpoint(): void {
    this.writes = 0
    this.bytes = 0
    if (this.connection.freePages() > sparePages) this.connection.shrink(shrinkPages)
    this.connection.checkpoint()
  }
}
