/** What a program says of itself in passing: how much context it has left. Pure, bounded. */
import { makeTail } from "../pty/terminalText.ts"

const lowPercent = 10
const context = /\bcontext\s+(\d{1,3})%\s+left/gi
const longestPhrase = 64

/** Takes output without escape sequences, in any pieces. Percent left, when it is low and another number than the last. */
export const makeContextSign = (): ((plain: string) => number | undefined) => {
  const recent = makeTail(longestPhrase)
  let last: number | undefined
  return (plain) => {
    const found = [...(recent("") + plain).matchAll(context)].at(-1)?.[1]
    recent(plain)
    if (found === undefined) return undefined
    const percent = Number(found)
    const isNew = percent !== last
    last = percent // a rise is remembered too, so that the same number counts again after it
    return isNew && percent <= lowPercent ? percent : undefined
  }
}
