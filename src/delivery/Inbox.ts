/**
 * What waits for one agent, in order of arrival; owned by `Handover`. Entries leave it when they are confirmed or put
 * aside, never silently. At most a window of them is with the worker at a time, and only so much of their text in memory.
 */
import type { AgentId, AgentName, DeliveryId, MessageId } from "../domain/Ids.ts"
import type { Delivery, InjectionMode, RelayMessage } from "../domain/Message.ts"
import type { Worker } from "../injection/Worker.ts"

export interface Entry {
  readonly deliveryId: DeliveryId
  readonly messageId: MessageId
  readonly agentId: AgentId
  readonly agent: AgentName
  readonly from: string
  readonly target: string
  readonly mode: InjectionMode
  readonly seq: number
  readonly origin: Delivery["origin"]
  /** Confirming it moves the cursor (`DeliveryBook.confirm`). */
  readonly numbered: boolean
  readonly receivedAtMillis: number
  /** Of its text; a row of a former run that was not read yet counts as a small one. */
  bytes: number
  /** It may have been typed to a former process: its row says *typing*. */
  mayBeRepeat: boolean
  /** Undefined: the store has it. */
  message: RelayMessage | undefined
}

/** Rows and bytes an agent may have waiting (the engine's own depth is 1,000); what a worker holds, and memory keeps, of it. */
export const inboxLimits = {
  rows: 1_000,
  bytes: 16 * 1024 * 1024,
  windowItems: 256,
  windowBytes: 4 * 1024 * 1024,
  /** Of texts behind a hole, which are in memory only. Apart from the rest: what fills the hole must find room. */
  heldBytes: 8 * 1024 * 1024
} as const

type Entries = Map<DeliveryId, Entry>

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
  private keptBytes = 0
  private kept = 0
  /** Where each entry stands among the others. Not its time: many come in one millisecond, and clocks are put back. */
  private readonly places = new WeakMap<Entry, number>()
  private firstPlace = 0
  private lastPlace = 0

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

  /** `mayForget`: the store has the text, so that beyond the window memory need not. */
  add(entry: Entry, mayForget: boolean): void {
    if (entry.message !== undefined) {
      if (mayForget && (this.kept >= inboxLimits.windowItems || this.keptBytes >= inboxLimits.windowBytes)) {
        entry.message = undefined
      } else {
        this.kept += 1
        this.keptBytes += entry.bytes
      }
    }
    const queue = entry.mode === "steer" ? this.steering : this.waiting
    queue.set(entry.deliveryId, entry)
    this.places.set(entry, ++this.lastPlace)
    this.bytes += entry.bytes
  }

  /** Before everything else: the initial task. */
  addFirst(entry: Entry): void {
    const rest = this.waiting
    this.waiting = new Map()
    this.add(entry, false)
    this.places.set(entry, --this.firstPlace)
    for (const [id, other] of rest) this.waiting.set(id, other)
  }

  remove(entry: Entry): void {
    const id = entry.deliveryId
    if (this.handed.delete(id)) this.handedBytes -= entry.bytes
    else if (!this.waiting.delete(id) && !this.steering.delete(id)) return
    this.bytes -= entry.bytes
    if (entry.message !== undefined) {
      this.kept -= 1
      this.keptBytes -= entry.bytes
    }
  }

  /** Text that came back from the store, and its size, which only the text tells after a restart. The worker has the entry. */
  remember(entry: Entry, message: RelayMessage, bytes: number): void {
    if (entry.message !== undefined) return
    this.kept += 1
    this.keptBytes += bytes
    this.bytes += bytes - entry.bytes
    this.handedBytes += bytes - entry.bytes
    entry.bytes = bytes
    entry.message = message
  }

  /** Takes the next entry for the worker: the initial task, then `steer`, then the oldest; nothing while the window is full. */
  hand(): Entry | undefined {
    if (this.handed.size >= inboxLimits.windowItems || this.handedBytes >= inboxLimits.windowBytes) return undefined
    const oldest = first(this.waiting)
    const entry = oldest?.origin === "initial_task" ? oldest : (first(this.steering) ?? oldest)
    if (entry === undefined) return undefined
    const id = entry.deliveryId
    if (!this.steering.delete(id)) this.waiting.delete(id)
    this.handed.set(id, entry)
    this.handedBytes += entry.bytes
    return entry
  }

  /** The worker could not take it, or is gone: it waits again, where it stood. */
  takeBack(entry: Entry): void {
    if (!this.handed.delete(entry.deliveryId)) return
    this.handedBytes -= entry.bytes
    const steers = entry.mode === "steer"
    const place = (each: Entry) => this.places.get(each) ?? 0
    const queue = [...(steers ? this.steering : this.waiting).values(), entry].sort((a, b) => place(a) - place(b))
    const entries: Entries = new Map(queue.map((each) => [each.deliveryId, each]))
    if (steers) this.steering = entries
    else this.waiting = entries
  }

  list(): ReadonlyArray<{ readonly entry: Entry; readonly handed: boolean }> {
    return [
      ...[...this.handed.values()].map((entry) => ({ entry, handed: true })),
      ...[...this.steering.values(), ...this.waiting.values()].map((entry) => ({ entry, handed: false }))
    ]
  }
}
