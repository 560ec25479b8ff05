/** Everything that happened in a run, one line each with its virtual time; always as a digest, on request in full. */
import { hash } from "./Dice.ts"

export interface History {
  readonly note: (what: string) => void
  /** Empty unless the run is traced. */
  readonly lines: ReadonlyArray<string>
  readonly count: () => number
  /** The same for the same history. */
  readonly digest: () => string
}

export const makeHistory = (o: { readonly now: () => number; readonly traced: boolean }): History => {
  const lines: Array<string> = []
  let count = 0
  let digest = 0x811c9dc5
  return {
    note: (what) => {
      const line = `${(o.now() / 1_000).toFixed(3).padStart(9)}  ${what}`
      count += 1
      digest = hash(line, digest)
      if (o.traced) lines.push(line)
    },
    lines,
    count: () => count,
    digest: () => `${count}:${digest.toString(16)}`
  }
}
