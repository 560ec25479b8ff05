/**
 * What one agent's program was given, read from the fake terminal itself and from nothing the broker says: the text that
 * stands before each Enter, and the relay lines in it.
 */
import type { FakeProcess } from "../../src/testing/FakePty.ts"

export interface RelayLine {
  readonly from: string
  /** `#channel`, or undefined for a direct message. */
  readonly channel: string | undefined
  readonly messageId: string
  readonly marked: boolean
  readonly text: string
}

const pattern = /^Relay message from (.+?)(?: in (#\S+))? \[(?:[^\]]*? \/ )?([^\]\s,]+)(, possible repeat)?\]: (.*)$/

export const relayLines = (text: string): ReadonlyArray<RelayLine> =>
  text.split(/\r?\n/).flatMap((line) => {
    const found = pattern.exec(line)
    if (found === null) return []
    const [, from = "", channel, messageId = "", mark, body = ""] = found
    return [{ from, channel, messageId, marked: mark !== undefined, text: body }]
  })

export interface Terminal {
  readonly agent: string
  /** Counts the processes of a run. */
  readonly number: number
  /** Which life of the broker started it. */
  readonly life: number
  /** Goes on with the session that an earlier life of the broker started. */
  readonly resumed: boolean
  readonly process: FakeProcess
  /** Takes note of what was written since the last look. */
  readonly look: () => void
  /** It has ended, or was told to. */
  readonly isOver: () => boolean
  /** A living broker could see its end: what waits for it may be put aside. */
  readonly wasSeenToEnd: () => boolean
  /** It ends now, or its end was decided; `unseen`: the broker ends with it. */
  readonly end: (unseen?: "unseen") => void
}

export const makeTerminal = (o: {
  readonly agent: string
  readonly number: number
  readonly life: number
  readonly resumed: boolean
  readonly process: FakeProcess
  readonly onSubmit: (terminal: Terminal, lines: ReadonlyArray<RelayLine>) => void
}): Terminal => {
  let seen = 0
  let composer = ""
  let over = false
  let seenToEnd = false
  const terminal: Terminal = {
    agent: o.agent,
    number: o.number,
    life: o.life,
    resumed: o.resumed,
    process: o.process,
    look: () => {
      for (; seen < o.process.writes.length; seen++) {
        const write = o.process.writes[seen]!
        if (write !== "\r") {
          // One blank ends every paste.
          composer += write.replaceAll("\x1b[200~", "").replaceAll("\x1b[201~", "").replace(/ $/, "")
          continue
        }
        // One blank ends every paste and belongs to none of its messages.
        const lines = relayLines(composer.replace(/ $/, ""))
        composer = ""
        o.onSubmit(terminal, lines)
      }
    },
    isOver: () => over || o.process.signals.length > 0,
    wasSeenToEnd: () => seenToEnd || (!over && o.process.signals.length > 0),
    end: (unseen) => {
      if (over) return
      over = true
      seenToEnd = unseen === undefined
    }
  }
  return terminal
}
