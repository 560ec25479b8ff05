/**
 * Which cursors may be stored after writes were lost. A cursor with its rows says: every number up to `received` that has
 * no open row was dealt with. Where a lost row could be such a number, that would be an ack for nothing. So
 * an agent has no stored cursor from the loss on until the engine was told of everything that may have been lost.
 */
import type { AgentId } from "../domain/Ids.ts"
import type { Write } from "./Writes.ts"

export class CursorTrust {
  /** Per agent, the number up to which rows may be lost; `trusted` when the engine was told of them. */
  private readonly lostUpTo = new Map<AgentId, number | "trusted">()
  private everyone = true
  private stored = false

  /** Any write of any agent may be missing now. */
  lost(): void {
    this.everyone = false
    this.stored = true
    this.lostUpTo.clear()
  }

  /** The cursors that are stored are from before the loss: the next transaction drops them all, then says `forgotten`. */
  get mustForget(): boolean {
    return this.stored
  }

  forgotten(): void {
    this.stored = false
  }

  /** For each write in order; whether a cursor in it may be stored. */
  keepsCursor(write: Write): boolean {
    if (this.everyone) return true
    switch (write._tag) {
      case "Received": {
        const { agentId, seq } = write.delivery
        if (write.numbered && !this.lostUpTo.has(agentId)) this.lostUpTo.set(agentId, seq - 1)
        return true
      }
      case "Acked":
      case "Cursor": {
        const { acked, agentId, received } = write.cursor
        const bound = this.lostUpTo.get(agentId) ?? received
        if (bound === "trusted") return true
        this.lostUpTo.set(agentId, acked >= bound ? "trusted" : bound)
        return acked >= bound
      }
      default:
        return true
    }
  }
}
