/**
 * What is wrong with a message, told from what was claimed of it and from the model's record. Pure.
 *
 * A message *is received* when a request of a turn holds its text among the user's texts. History is sent again with every
 * request, and a refused or interrupted request is repeated: neither is a second time. A second time is the text twice in
 * one request, or new in two requests that were both answered to the end and are not one history.
 */
import { summaryText as summary } from "./model/Api.ts"
import type { Exchange } from "./model/ModelServer.ts"

export type Fault =
  | "acked but not received"
  | "typed into an asking screen"
  | "received twice"
  | "received changed"
  | "not received in time"
  | "out of order"
  | "not as promised"

export const faults: ReadonlyArray<Fault> = [
  "acked but not received",
  "typed into an asking screen",
  "received twice",
  "received changed",
  "not received in time",
  "out of order",
  "not as promised"
]

export interface Sent {
  /** Stands once in the text, and in no other. */
  readonly marker: string
  readonly body: string
  /** What the model must hold as it is. */
  readonly expected: string
  /** What the program is known to make of it by itself. */
  readonly orElse?: string | undefined
  readonly who: string
  readonly agent: string
  readonly messageId: string
  readonly seq: number
  /** Milliseconds since the epoch, as all times here. */
  readonly sentAt: number
  ackedAt: number | undefined
  /** `due`: it must come; `withheld`: it need not, and must not be acked unless it does. */
  expect: "due" | "withheld"
}

export interface Receipt {
  readonly at: number
  readonly times: number
  readonly isWhole: boolean
  /** The text around the marker, of the first request with it. */
  readonly text: string
}

const occurrences = (text: string, piece: string): number => text.split(piece).length - 1

export type Seen = Pick<Exchange, "who" | "isTurn" | "at" | "outcome" | "status" | "texts">

/** A text that was typed again after a crash, and says so. */
const isMarkedRepeat = (text: string, marker: string): boolean =>
  /possible repeat\]/.test(text.slice(Math.max(0, text.indexOf(marker) - 300), text.indexOf(marker)))

/** The program compacted: its history is written anew, without the model's own words between. */
const isCompacted = ({ texts }: Seen): boolean => texts.some(({ text }) => text.includes(summary))

/** The same item of the same history, sent again before the model's answer became part of it. */
const goesOn = (before: Seen, turn: Seen, marker: string): boolean => {
  const place = ({ texts }: Seen) => texts.findIndex(({ text }) => text.includes(marker))
  const at = place(before)
  return at === place(turn) && before.texts[at]?.text === turn.texts[at]?.text
}

const isAsSent = ({ expected, orElse }: Pick<Sent, "expected" | "orElse">, text: string): boolean =>
  text.includes(expected) || (orElse !== undefined && text.includes(orElse))

export const receiptOf = (sent: Pick<Sent, "marker" | "expected" | "orElse" | "who">, seen: ReadonlyArray<Seen>) => {
  const turns = seen.filter(
    ({ isTurn, texts, who }) => isTurn && who === sent.who && texts.some(({ text }) => text.includes(sent.marker))
  )
  const [first] = turns
  if (first === undefined) return undefined
  const holding = (turn: Seen) => turn.texts.filter(({ text }) => text.includes(sent.marker))
  const unmarked = (turn: Seen, onlyNew: boolean) =>
    holding(turn)
      .filter(({ isNew, text }) => (!onlyNew || isNew) && !isMarkedRepeat(text, sent.marker))
      .reduce((total, { text }) => total + occurrences(text, sent.marker), 0)
  const inOne = Math.max(...turns.map((turn) => unmarked(turn, false)))
  const fresh = turns.filter((turn) => turn.outcome === "answered" && turn.status === 200 && unmarked(turn, true) > 0)
  const answered = fresh.filter(
    (turn, i) => !isCompacted(turn) && !fresh.slice(0, i).some((before) => goesOn(before, turn, sent.marker))
  ).length
  const text = holding(first)[0]?.text ?? ""
  const isWhole = turns.every((turn) => holding(turn).some((each) => isAsSent(sent, each.text)))
  const receipt: Receipt = { at: first.at, times: Math.max(inOne, answered, 1), isWhole, text }
  return receipt
}

/** Where two texts begin to differ, for people. */
export const difference = (expected: string, text: string, marker: string): string => {
  const from = Math.max(0, text.indexOf(expected.slice(0, 12)))
  const got = text.slice(from)
  let i = 0
  while (i < expected.length && i < got.length && expected[i] === got[i]) i++
  if (i === 0) return `${marker}: got ${JSON.stringify(text.slice(0, 120))}`
  return `at ${i}: expected ${JSON.stringify(expected.slice(i, i + 40))}, got ${JSON.stringify(got.slice(i, i + 40))}`
}

export interface Finding {
  readonly fault: Fault
  readonly detail: string
}

export const findings = (messages: ReadonlyArray<Sent>, seen: ReadonlyArray<Seen>): ReadonlyArray<Finding> => {
  const found: Array<Finding> = []
  const arrived: Array<{ readonly sent: Sent; readonly at: number }> = []
  for (const sent of messages) {
    const receipt = receiptOf(sent, seen)
    const name = sent.marker
    if (receipt === undefined) {
      if (sent.ackedAt !== undefined)
        found.push({
          fault: "acked but not received",
          detail: `${name}: acked after ${sent.ackedAt - sent.sentAt} ms`
        })
      else if (sent.expect === "due") found.push({ fault: "not received in time", detail: name })
      continue
    }
    arrived.push({ sent, at: receipt.at })
    if (receipt.times > 1) found.push({ fault: "received twice", detail: `${name}: ${receipt.times} times` })
    if (!receipt.isWhole)
      found.push({ fault: "received changed", detail: difference(sent.expected, receipt.text, name) })
  }
  for (const agent of new Set(messages.map((each) => each.agent))) {
    const mine = arrived.filter(({ sent }) => sent.agent === agent)
    for (const [i, { at, sent }] of mine.entries()) {
      const next = mine[i + 1]
      if (next !== undefined && (next.at < at || (next.at === at && isBehind(sent, next.sent, seen))))
        found.push({ fault: "out of order", detail: `${next.sent.marker} before ${sent.marker}` })
    }
  }
  return found
}

/** Within the first request that holds both. */
const isBehind = (sent: Sent, next: Sent, seen: ReadonlyArray<Seen>): boolean => {
  const turn = seen.find(
    ({ isTurn, texts, who }) => isTurn && who === sent.who && texts.some(({ text }) => text.includes(sent.marker))
  )
  const all = (turn?.texts ?? []).map(({ text }) => text).join("\n")
  return all.indexOf(next.marker) < all.indexOf(sent.marker)
}
