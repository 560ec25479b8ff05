/** How deliveries and dead letters look to a person. Plain functions from the API's answers to lines. */
import type { DeadLetter, DeadLetterView, Trace, TraceStep, TraceWithBody } from "../api/deliveries/api.ts"
import type { DeadReason, Evidence, WaitingReason } from "../domain/Receipt.ts"
import { bold, cyan, dim, green, harmless, red, yellow } from "./Paint.ts"
import { type Column, duration, facts, table } from "./Table.ts"

const waitingMeaning: Readonly<Record<WaitingReason, string>> = {
  dead: "The program has ended.",
  location_conflict: "The engine says that this agent lives on another node: nothing is typed until that is settled.",
  held: "The agent is in the mode manual_flush: typed when somebody flushes what is held.",
  asking:
    "The program waits for a person: nothing is put in before somebody has answered it in its terminal (relay-broker attach).",
  human_typing: "Somebody typed in this terminal within the last 2 s; it goes on after that.",
  not_ready: "The program has not shown yet that it takes input; typed 25 s after its start at the latest.",
  composer_not_empty:
    "The program's input line holds a text that was not sent; it is neither sent nor overwritten: attach, and send or clear it.",
  busy: "The agent is in its turn, or messages before this one are not through yet.",
  unproven:
    "A message before this one was put in, and the program did not say that it has it: confirm or retry that one.",
  no_worker: "No program runs under this name here: typed when the agent is spawned here again.",
  behind_hole: "A message before this one is missing; the engine was asked for it again.",
  settling: "The agent's first number is not known yet: typed as soon as the engine has repeated what it has."
}

const evidenceMeaning: Readonly<Record<Evidence, string>> = {
  taken_with_id: "The program itself has it, under the id it was given.",
  taken_with_text: "The program itself said that it took this text.",
  looked_up: "It was found in the program's session after a restart.",
  confirmed: "A person said that the agent has it.",
  turn_completed: "The program was started with the message and ended with success.",
  turn_started: "Its text stood in the program's input line, left it, and a turn began.",
  composer_emptied: "Its text stood in the program's input line and left it, while a turn ran.",
  in_transcript: "Its text left the program's input line and stands in its conversation.",
  echo: "The program printed the message.",
  unconfirmed: "Nothing was seen after Enter; it counts as submitted all the same."
}

const deadMeaning: Readonly<Record<DeadReason, string>> = {
  agent_released: "The agent was released before the message was typed.",
  worker_exited: "The program ended before the message was submitted.",
  undecodable: "The engine sent something that could not be read.",
  pty_write_failed: "The terminal did not take the text.",
  program_failed: "The program was started with the message and did not succeed.",
  refused: "The agent's server does not take it.",
  inbox_full: "Too much waited for the agent already, and the engine sends an event only once.",
  lost: "The text was neither in memory nor in the store, which was damaged."
}

const words = (code: string) => code.replaceAll("_", " ")
const stateColor = { waiting: yellow, typing: cyan, unproven: red, submitted: green, acked: green, dead: red } as const
const route = (from: string | null, target: string | null) =>
  from === null || target === null ? "-" : `${from} → ${target}`
const why = ({ dead_reason, evidence, state, waiting }: Trace) =>
  words(state === "unproven" ? "proof, or a person" : (waiting ?? dead_reason ?? evidence ?? "-"))
const startOf = ({ steps }: Trace) => steps[0]?.at ?? "-"

const deliveryColumns: ReadonlyArray<Column<Trace>> = [
  { title: "TIME", cell: startOf },
  { title: "AGENT", cell: ({ name }) => bold(harmless(name)) },
  { title: "FROM → TO", cell: ({ from, target }) => route(from, target), max: 40 },
  { title: "STATE", cell: ({ state }) => stateColor[state](state) },
  { title: "WAITS FOR, SEEN", cell: why },
  { title: "ID", cell: ({ delivery_id }) => harmless(delivery_id) }
]

export const deliveryLines = (traces: ReadonlyArray<Trace>): ReadonlyArray<string> =>
  traces.length === 0 ? ["no deliveries"] : table(traces, deliveryColumns)

/** `+35 ms`, `+1.25 s`, `+3 min 2 s`. A clock that was set back shows as a negative one. */
export const difference = (millis: number): string => {
  const size = Math.abs(millis)
  const text = size < 1000 ? `${size} ms` : size < 60_000 ? `${Number((size / 1000).toFixed(2))} s` : duration(size)
  return `${millis < 0 ? "-" : "+"}${text}`
}

const stepLines = (steps: ReadonlyArray<TraceStep>): ReadonlyArray<string> => {
  let before: number | null = null
  return facts(
    steps.map(({ at, at_ms, step }) => {
      const gap = at_ms === null || before === null ? "" : `  ${difference(at_ms - before)}`
      before = at_ms ?? before
      return [step, `${at ?? "time not known"}${gap}`] as const
    })
  )
}

const outcome = ({ evidence, steps, waiting, ...trace }: Trace, nowMillis: number): ReadonlyArray<string> => {
  const since = steps[0]?.at_ms ?? nowMillis
  switch (trace.state) {
    case "waiting":
      return [
        `waiting for ${duration(nowMillis - since)}${waiting === null ? "" : `: ${words(waiting)}`}`,
        waiting === null ? "Its turn comes next." : waitingMeaning[waiting]
      ]
    case "typing":
      return waiting === null
        ? ["typing", "Its text is in the terminal, or on the way; the agent has not visibly taken it yet."]
        : [`typing: ${words(waiting)}`, waitingMeaning[waiting]]
    case "unproven":
      return [
        `unproven: ${trace.unproven ?? "the program did not say that it has it"}`,
        "It was put in once and is not put in again by itself; messages after it wait.",
        `Look with \`relay-broker attach ${harmless(trace.name)}\`, then \`deliveries confirm\` or \`deliveries retry\` this id.`
      ]
    case "dead": {
      const reason = trace.dead_reason
      return [
        reason === null ? "given up" : `given up: ${words(reason)}`,
        `${reason === null ? "" : `${deadMeaning[reason]} `}See \`relay-broker dead-letters\`.`
      ]
    }
    default:
      return evidence === null
        ? []
        : [
            `evidence: ${words(evidence)}${trace.channel === null ? "" : ` (${words(trace.channel)})`}`,
            evidenceMeaning[evidence]
          ]
  }
}

const textLines = (text: string): ReadonlyArray<string> =>
  text.split(/\r\n|\n|\r/).map((line) => `  ${harmless(line)}`.trimEnd())

const number = (seq: number) => (seq === 0 ? "" : `, number ${seq}`)

export const traceLines = (trace: TraceWithBody, nowMillis: number): ReadonlyArray<string> => [
  ...facts([
    ["delivery", bold(harmless(trace.delivery_id))],
    ["message", harmless(trace.event_id)],
    ["agent", `${harmless(trace.name)} (${harmless(trace.agent_id)}${number(trace.seq)})`],
    ["from", `${harmless(route(trace.from, trace.target))}, ${words(trace.origin)}`],
    ["state", stateColor[trace.state](trace.state)]
  ]),
  "",
  ...stepLines(trace.steps),
  ...outcome(trace, nowMillis).flatMap((line, i) => (i === 0 ? ["", line] : [`  ${line}`])),
  "",
  ...(trace.body === null ? [dim("text no longer kept")] : textLines(trace.body))
]

/** Several, of one message, with a line between them. */
export const traceListLines = (traces: ReadonlyArray<TraceWithBody>, nowMillis: number): ReadonlyArray<string> =>
  traces.flatMap((trace, i) =>
    i === 0 ? traceLines(trace, nowMillis) : ["", dim("-"), "", ...traceLines(trace, nowMillis)]
  )

const deadLetterColumns: ReadonlyArray<Column<DeadLetter>> = [
  { title: "TIME", cell: ({ at }) => at },
  { title: "AGENT", cell: ({ name }) => bold(harmless(name)) },
  { title: "FROM → TO", cell: ({ from, target }) => route(from, target), max: 40 },
  { title: "REASON", cell: ({ reason }) => words(reason) },
  { title: "SENT AGAIN AS", cell: ({ redelivered_as }) => harmless(redelivered_as ?? "-") },
  { title: "ID", cell: ({ delivery_id }) => harmless(delivery_id) }
]

export const deadLetterLines = (letters: ReadonlyArray<DeadLetter>): ReadonlyArray<string> =>
  letters.length === 0 ? ["no dead letters"] : table(letters, deadLetterColumns)

export const deadLetterPage = (letter: DeadLetterView): ReadonlyArray<string> => [
  ...facts([
    ["delivery", bold(harmless(letter.delivery_id))],
    ["message", harmless(letter.event_id ?? "-")],
    ["agent", `${harmless(letter.name)} (${harmless(letter.agent_id)}${number(letter.seq)})`],
    ["from", harmless(route(letter.from, letter.target))],
    ["given up", `${letter.at}: ${red(words(letter.reason))}`],
    ["again as", harmless(letter.redelivered_as ?? "-")]
  ]),
  `  ${deadMeaning[letter.reason]}`,
  "",
  ...textLines(letter.body ?? letter.raw ?? "")
]
