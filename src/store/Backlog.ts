/** Writes that wait for a disk that takes none, in order and bounded: the oldest go first, and the caller is told. */
import type { RelayMessage } from "../domain/Message.ts"
import type { Limits } from "./Limits.ts"
import { bytesOf, type Write } from "./Writes.ts"

export class Backlog {
  private readonly limits: Pick<Limits, "backlogWrites" | "backlogBytes">
  private writes: Array<Write> = []
  private bytes = 0

  constructor(limits: Pick<Limits, "backlogWrites" | "backlogBytes">) {
    this.limits = limits
  }

  get size(): number {
    return this.writes.length
  }

  /** False when older writes had to go. */
  push(write: Write): boolean {
    this.writes.push(write)
    this.bytes += bytesOf(write)
    if (this.writes.length <= this.limits.backlogWrites && this.bytes <= this.limits.backlogBytes) return true
    // A quarter at once, so that the next ones find room.
    this.drop(Math.max(1, this.writes.length >> 2))
    return false
  }

  first(count: number): ReadonlyArray<Write> {
    return this.writes.slice(0, count)
  }

  drop(count: number): void {
    for (const write of this.writes.slice(0, count)) this.bytes -= bytesOf(write)
    this.writes = this.writes.slice(count)
  }

  message(deliveryId: string): RelayMessage | undefined {
    for (const write of this.writes) {
      if (write._tag === "Received" && write.delivery.deliveryId === deliveryId) return write.delivery.message
    }
    return undefined
  }
}
