/**
 * What waits to be typed into one terminal, in the order in which it will be: the initial task, `steer` messages, `wait`
 * messages, each kind as it came. Bounded by count and bytes; a full queue takes nothing.
 */
import type { InjectionItem } from "./Worker.ts"

export interface QueueLimits {
  readonly items: number
  readonly bytes: number
}

export interface PasteLimits {
  readonly messages: number
  readonly bytes: number
}

export interface InjectionQueue<A extends { readonly item: InjectionItem }> {
  /** False when it is full. */
  readonly offer: (entry: A) => boolean
  /**
   * The entries that go out next in one paste: at least one, all of one kind, an initial task alone. They count until
   * `release`, so that what is being typed still takes room.
   */
  readonly take: (limits: PasteLimits) => ReadonlyArray<A>
  readonly release: (entries: ReadonlyArray<A>) => void
  /** Taken ones that go out again, before the others of their kind and in their order. They counted all the time. */
  readonly putBack: (entries: ReadonlyArray<A>) => void
  /** Takes one out wherever it stands; nothing when it does not wait. */
  readonly drop: (entry: A) => void
  /** What waits, in the order in which it goes out. */
  readonly list: () => ReadonlyArray<A>
  /** Empties it, in order. */
  readonly takeAll: () => ReadonlyArray<A>
  /** What goes out next. */
  readonly head: () => A | undefined
  readonly isEmpty: () => boolean
  /** Waiting and taken. */
  readonly size: () => number
}

type Kind = "task" | "steer" | "wait"

export const make = <A extends { readonly item: InjectionItem }>(limits: QueueLimits): InjectionQueue<A> => {
  const lines: Record<Kind, Array<A>> = { task: [], steer: [], wait: [] }
  const order: ReadonlyArray<Kind> = ["task", "steer", "wait"]
  let items = 0
  let bytes = 0
  const head = (): Array<A> | undefined => order.map((kind) => lines[kind]).find((line) => line.length > 0)

  return {
    offer: (entry) => {
      const size = bytesOf(entry.item)
      if (items >= limits.items || (items > 0 && bytes + size > limits.bytes)) return false
      items += 1
      bytes += size
      lines[kindOf(entry.item)].push(entry)
      return true
    },
    take: (paste) => {
      const line = head()
      if (line === undefined) return []
      let count = 1
      let total = bytesOf(line[0]!.item)
      const most = line === lines.task ? 1 : paste.messages
      for (let next = line[count]; next !== undefined && count < most; next = line[count]) {
        total += bytesOf(next.item)
        if (total > paste.bytes) break
        count += 1
      }
      return line.splice(0, count)
    },
    release: (entries) => {
      items -= entries.length
      for (const entry of entries) bytes -= bytesOf(entry.item)
    },
    putBack: (entries) => {
      for (const entry of [...entries].reverse()) lines[kindOf(entry.item)].unshift(entry)
    },
    drop: (entry) => {
      const line = lines[kindOf(entry.item)]
      const at = line.indexOf(entry)
      if (at < 0) return
      line.splice(at, 1)
      items -= 1
      bytes -= bytesOf(entry.item)
    },
    list: () => order.flatMap((kind) => lines[kind]),
    takeAll: () => order.flatMap((kind) => lines[kind].splice(0)),
    head: () => head()?.[0],
    isEmpty: () => head() === undefined,
    size: () => items
  }
}

const kindOf = ({ delivery }: InjectionItem): Kind =>
  delivery.origin === "initial_task" ? "task" : delivery.message.mode

const bytesOf = ({ delivery }: InjectionItem) => Buffer.byteLength(delivery.message.text)
