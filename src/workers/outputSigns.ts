/** What a program says of itself in passing (S 4.9): how much context it has left, and that it wants to end. Pure, bounded. */
import { makeTail } from "../pty/terminalText.ts"

export interface OutputSigns {
  /** Percent left, when it is low and another number than the last. */
  readonly contextLow: number | undefined
  /** A whole line was exactly `/exit`. */
  readonly exitLine: boolean
}

const lowPercent = 10
const context = /\bcontext\s+(\d{1,3})%\s+left/gi
const longestPhrase = 64

const isExit = (line: string) => line.trim() === "/exit"

/** A message with such a line is shown by the agent that reads it, perhaps again and again. */
export const quotesExit = (text: string): boolean => text.split(/[\r\n]+/).some(isExit)

/** Takes output without escape sequences, in any pieces. */
export const makeOutputSigns = (): ((plain: string) => OutputSigns) => {
  const recent = makeTail(longestPhrase)
  let line = ""
  let last: number | undefined

  const lowIn = (text: string) => {
    const found = [...text.matchAll(context)].at(-1)?.[1]
    if (found === undefined) return undefined
    const percent = Number(found)
    const isNew = percent !== last
    last = percent // a rise is remembered too, so that the same number counts again after it
    return isNew && percent <= lowPercent ? percent : undefined
  }

  return (plain) => {
    const contextLow = lowIn(recent("") + plain)
    recent(plain)
    const lines = (line + plain).split("\n")
    // A longer one is none of ours, whatever it ends with.
    line = (lines.pop() ?? "").slice(0, longestPhrase)
    return { contextLow, exitLine: lines.some((each) => isExit(lastWritten(each))) }
  }
}

/** Of a line that was written over, what it was in the end. */
const lastWritten = (line: string) => line.split("\r").findLast((part) => part !== "") ?? ""
