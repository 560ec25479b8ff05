/**
 * What waits for one agent, in order of arrival; owned by `Deliveries`. Entries leave it when they are confirmed or put
 * aside, never silently. At most `windowItems` of them are with the worker at a time.
 */
import type { AgentId, AgentName } from "../domain/Ids.ts"
import type { Delivery } from "../domain/Message.ts"
import type { Worker } from "../workers/Worker.ts"

export interface Entry {
  readonly delivery: Delivery
  /** Confirming it moves the cursor (`DeliveryBook.confirm`). */
  readonly numbered: boolean
  readonly receivedAtMillis: number
  readonly bytes: number
}

/** Rows and bytes an agent may have waiting (the engine's own depth is 1,000), and how much of it a worker holds at once. */
export const inboxLimits = {
  rows: 1_000,
  bytes: 16 * 1024 * 1024,
  windowItems: 256,
  windowBytes: 4 * 1024 * 1024
} as const

type Entries = Map<string, Entry>

const first = (entries: Entries): Entry | undefined => entries.values().next().value

export class Inbox {
  readonly agentId: AgentId
  name: AgentName
  worker: Worker | undefined = undefined
  private waiting: Entries = new Map()
  private steering: Entries = new Map()
  private handed: Entries = new Map()
  private bytes = 0
  private handedBytes = 0

  constructor(agentId: AgentId, name: AgentName) {
    this.agentId = agentId
    this.name = name
  }

  get size(): number {
    return this.waiting.size + this.steering.size + this.handed.size
  }

  /** Room for one more, `heldBack` being what the book keeps for this agent outside the inbox. */
  hasRoom(heldBack: number): boolean {
    return this.size + heldBack < inboxLimits.rows && this.bytes < inboxLimits.bytes
  }

  add(entry: Entry): void {
    const queue = entry.delivery.message.mode === "steer" ? this.steering : this.waiting
    queue.set(entry.delivery.deliveryId, entry)
    this.bytes += entry.bytes
  }

  /** Before everything else: the initial task. */
  addFirst(entry: Entry): void {
    this.waiting = new Map([[entry.delivery.deliveryId, entry], ...this.waiting])
    this.bytes += entry.bytes
  }

  remove(entry: Entry): void {
    const id = entry.delivery.deliveryId
    if (this.handed.delete(id)) this.handedBytes -= entry.bytes
    else if (!this.waiting.delete(id) && !this.steering.delete(id)) return
    this.bytes -= entry.bytes
  }

  /** Takes the next entry for the worker: `steer` first, else the oldest; nothing while the window is full. */
  hand(): Entry | undefined {
    if (this.handed.size >= inboxLimits.windowItems || this.handedBytes >= inboxLimits.windowBytes) return undefined
    const entry = first(this.steering) ?? first(this.waiting)
    if (entry === undefined) return undefined
    const id = entry.delivery.deliveryId
    if (!this.steering.delete(id)) this.waiting.delete(id)
    this.handed.set(id, entry)
    this.handedBytes += entry.bytes
    return entry
  }

  /** The worker could not take it, or is gone: it waits again, before what came later. */
  takeBack(entry: Entry): void {
    const id = entry.delivery.deliveryId
    if (!this.handed.delete(id)) return
    this.handedBytes -= entry.bytes
    const queue = [...this.waiting.values(), entry].sort((a, b) => a.receivedAtMillis - b.receivedAtMillis)
    this.waiting = new Map(queue.map((each) => [each.delivery.deliveryId, each]))
  }

  list(): ReadonlyArray<{ readonly entry: Entry; readonly handed: boolean }> {
    return [
      ...[...this.handed.values()].map((entry) => ({ entry, handed: true })),
      ...[...this.steering.values(), ...this.waiting.values()].map((entry) => ({ entry, handed: false }))
    ]
  }
}
