/**
 * How much output is taken from the terminals in a turn: of each, and of all together. The rest waits in the kernel, and the
 * programs with it. Drawing costs up to 80 µs per KiB, so that a turn's worth is a third of it at worst, however many flood;
 * a turn is short, because a message on its way waits for what is drawn at each of its steps.
 *
 * Invariants: 1. who takes little never waits for others · 2. all together take at most `all`, and `least` each beyond it.
 */
const turn = { millis: 4, all: 16 * 1024, each: 8 * 1024, least: 1024 }

/** Counts what one terminal gave; the answer is how long it pauses now, 0 for not at all. */
export type Share = (characters: number, nowMillis: number) => number

export interface ReadingPace {
  readonly share: () => Share
}

export const make = (): ReadingPace => {
  let from = Number.NEGATIVE_INFINITY
  let all = 0
  return {
    share: () => {
      let mineFrom = from
      let mine = 0
      return (characters, nowMillis) => {
        if (nowMillis - from >= turn.millis) {
          from = nowMillis
          all = 0
        }
        if (mineFrom !== from) {
          mineFrom = from
          mine = 0
        }
        all += characters
        mine += characters
        return mine > (all > turn.all ? turn.least : turn.each) ? Math.max(1, from + turn.millis - nowMillis) : 0
      }
    }
  }
}
