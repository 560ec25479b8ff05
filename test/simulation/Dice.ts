/** Seeded random numbers for plans, programs and faults. Each subject has dice of its own, so that one more throw here changes nothing there. */

export interface Dice {
  /** In [0, 1). */
  readonly next: () => number
  /** Whole, in [from, to]. */
  readonly between: (from: number, to: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <A>(items: ReadonlyArray<A>) => A
  /** Picks by weight; all weights positive. */
  readonly weighted: <A>(items: ReadonlyArray<readonly [weight: number, item: A]>) => A
}

/** FNV-1a over the text: the same label gives other dice for every seed. */
export const hash = (text: string, from = 0x811c9dc5): number => {
  let value = from
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

/** Mulberry32. */
export const makeDice = (seed: number, label: string): Dice => {
  let state = hash(`${seed} ${label}`)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (items) => items[between(0, items.length - 1)]!,
    weighted: (items) => {
      let left = next() * items.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, item] of items) {
        left -= weight
        if (left < 0) return item
      }
      return items[items.length - 1]![1]
    }
  }
}
