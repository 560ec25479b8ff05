/** A set of positive integers as sorted, disjoint, non-touching ranges: small whatever the numbers are. */

export type Range = readonly [from: number, to: number]
export type Ranges = ReadonlyArray<Range>

export const empty: Ranges = []

/** Inclusive on both ends; merges what touches. */
export const add = (ranges: Ranges, from: number, to: number): Ranges => {
  const before: Array<Range> = []
  const after: Array<Range> = []
  let low = from
  let high = to
  for (const range of ranges) {
    if (range[1] < from - 1) before.push(range)
    else if (range[0] > to + 1) after.push(range)
    else {
      low = Math.min(low, range[0])
      high = Math.max(high, range[1])
    }
  }
  return [...before, [low, high], ...after]
}

export const has = (ranges: Ranges, value: number): boolean => ranges.some(([from, to]) => from <= value && value <= to)

/** End of the run that begins right after `start`, or `start` itself; and what remains above it. */
export const runFrom = (ranges: Ranges, start: number): readonly [end: number, rest: Ranges] => {
  let end = start
  const rest: Array<Range> = []
  for (const range of ranges) {
    if (range[0] <= end + 1) end = Math.max(end, range[1])
    else rest.push(range)
  }
  return [end, rest]
}
