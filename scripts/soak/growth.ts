/**
 * Whether sizes taken at the quiets, each after a full collection, say that something is kept for ever. Pure.
 *
 * A process that has just started grows: it compiles what runs often, fills its event ring and its tables of recent ids.
 * That flattens; what is kept for ever does not. So the first half is warm-up, whatever it shows, and the later half must be
 * flat: its trend (Theil and Sen: the median of the slopes between all pairs, which one high sample does not move) times its
 * length is the rise, and has a limit.
 */

/** Fewer than this in the later half are no trend. */
const least = 4

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** From the first to the last sample of the later half, in the unit of `sizes`; undefined: too few to tell. */
export const lateRise = (sizes: ReadonlyArray<number>): number | undefined => {
  const late = sizes.slice(Math.floor(sizes.length / 2))
  if (late.length < least) return undefined
  const slopes = late.flatMap((from, i) => late.slice(i + 1).map((to, k) => (to - from) / (k + 1)))
  return median(slopes) * (late.length - 1)
}
