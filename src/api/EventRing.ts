/**
 * The last durable events, numbered without holes after those of former runs, for replay (a first run starts with 1).
 * Plain data structure: no clock, no effects.
 *
 * Invariants: 1. numbers of kept entries are consecutive and end at `last` · 2. an entry is given up only for a newer one,
 * oldest first · 3. at most `capacity` entries, and at most `maxBytes` of them unless the newest alone is larger.
 */
export interface EventRing {
  /** Number of the first entry that it was or will be given. */
  readonly first: number
  /** Number of the newest entry; `first - 1` before there is one. */
  readonly last: number
  /** Number of the oldest entry that is still here; `last + 1` when there is none. */
  readonly oldest: number
  /** Numbers and keeps an entry. `text` is given the number that the entry must carry. */
  readonly push: (text: (seq: number) => string) => string
  readonly at: (seq: number) => string | undefined
}

export interface EventRingOptions {
  readonly capacity: number
  /** Length of the kept texts together, in UTF-16 units: bodies of messages can be large, events are few. */
  readonly maxBytes: number
  /** Number of the last entry of former runs; 0 when not given. */
  readonly after?: number
}

export const makeEventRing = ({ after = 0, capacity, maxBytes }: EventRingOptions): EventRing => {
  const slots = new Array<string | undefined>(capacity)
  let oldest = after + 1
  let last = after
  let bytes = 0
  const dropOldest = () => {
    bytes -= slots[oldest % capacity]?.length ?? 0
    slots[oldest % capacity] = undefined
    oldest += 1
  }
  return {
    first: after + 1,
    get last() {
      return last
    },
    get oldest() {
      return oldest
    },
    push: (text) => {
      const entry = text(last + 1)
      while (oldest <= last && (last - oldest + 1 >= capacity || bytes + entry.length > maxBytes)) dropOldest()
      last += 1
      slots[last % capacity] = entry
      bytes += entry.length
      return entry
    },
    at: (seq) => (seq >= oldest && seq <= last ? slots[seq % capacity] : undefined)
  }
}

/** Where a reader who has seen everything up to `sinceSeq` goes on, and whether something is lost to it. */
export interface ReplayStart {
  /** The reader's next entry is `cursor + 1`. */
  readonly cursor: number
  /**
   * Entries after `sinceSeq` are gone, those of former runs among them, or `sinceSeq` was never given out: then everything
   * kept is new to the reader. A fresh reader (0) asks for this run only, and misses nothing of a whole ring.
   */
  readonly gap: boolean
}

/** `ofThisRun`: as far as the reader knows. A number of another run means nothing here, save 0: nothing was seen. */
export const replayStart = (
  ring: Pick<EventRing, "first" | "last" | "oldest">,
  sinceSeq: number,
  ofThisRun = true
): ReplayStart => {
  const all = ring.oldest - 1
  if (sinceSeq === 0) return { cursor: all, gap: ring.oldest > ring.first }
  const isLost = sinceSeq > ring.last || sinceSeq < all || !ofThisRun
  return isLost ? { cursor: all, gap: true } : { cursor: sinceSeq, gap: false }
}
