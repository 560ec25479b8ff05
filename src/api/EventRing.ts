/**
 * The last durable events, numbered from 1 without holes, for replay (S 2.8). Plain data structure: no clock, no effects.
 *
 * Invariants: 1. numbers of kept entries are consecutive and end at `last` · 2. an entry is given up only for a newer one,
 * oldest first · 3. at most `capacity` entries, and at most `maxBytes` of them unless the newest alone is larger.
 */
export interface EventRing {
  /** Number of the newest entry; 0 before the first. */
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
}

export const makeEventRing = ({ capacity, maxBytes }: EventRingOptions): EventRing => {
  const slots = new Array<string | undefined>(capacity)
  let oldest = 1
  let last = 0
  let bytes = 0
  const dropOldest = () => {
    bytes -= slots[oldest % capacity]?.length ?? 0
    slots[oldest % capacity] = undefined
    oldest += 1
  }
  return {
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
   * Entries after `sinceSeq` are gone, or `sinceSeq` was never given out: it comes from an earlier run of the broker, whose
   * numbers mean nothing here, so that everything kept is new to the reader. A fresh reader (0) of a whole ring misses nothing.
   */
  readonly gap: boolean
}

/** `ofThisRun`: as far as the reader knows. A number of another run means nothing here, save 0: nothing was seen. */
export const replayStart = (
  ring: Pick<EventRing, "last" | "oldest">,
  sinceSeq: number,
  ofThisRun = true
): ReplayStart =>
  sinceSeq > ring.last || sinceSeq + 1 < ring.oldest || (!ofThisRun && sinceSeq > 0)
    ? { cursor: ring.oldest - 1, gap: true }
    : { cursor: sinceSeq, gap: false }
