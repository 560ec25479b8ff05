/**
 * Holds a run to the promise, from two histories that the broker does not write: what the terminals were given, and what
 * the engine saw and did. The broker's own word counts for one thing only: that it put a message aside, and why.
 *
 * 1. An ack covers only what was submitted, put aside, or is no longer wanted at the engine; it never exceeds the mailbox,
 *    and never falls for one identity in one life of the broker. (So also: a seq-0 event moves nothing.)
 * 2. What is submitted was sent, to this agent, with this text, and is submitted once in a life of the broker.
 * 3. In one terminal, messages of a kind come in the order of the mailbox.
 * 4. A repeat in a session that goes on is marked, unless a power cut took the mark; nothing is marked in a fresh one.
 * 5. What a life of the broker called confirmed is not typed again by a later one, unless its disk broke.
 * 6. Messages are put aside only when a broker has seen a process of their agent end, and are not typed after that.
 */
import type { BrokerEvent } from "../../src/events/Event.ts"
import type { EngineEvent, RowView } from "../../src/testing/index.ts"
import type { History } from "./History.ts"
import type { Mode } from "./Plan.ts"
import type { RelayLine, Terminal } from "./Terminal.ts"

export type SentKind = "message" | "event" | "local" | "task"

export interface SentText {
  readonly kind: SentKind
  readonly from: string
  readonly mode: Mode
}

interface Row {
  readonly agentId: string
  readonly agent: string
  readonly seq: number
  readonly deliveryId: string
  readonly text: string
  /** Position in the mailbox. */
  readonly order: number
  state: string
}

interface Submission {
  readonly life: number
  readonly terminal: number
  readonly atMillis: number
}

export interface Judge {
  readonly violations: ReadonlyArray<string>
  /** Before it is handed to anybody. */
  readonly sent: (text: string, sent: SentText) => void
  /** The broker took a message for an agent of its own. */
  readonly accepted: (text: string, agent: string, messageId: string) => void
  /** Somebody asked for the end of this agent: what waits for it may be put aside, whether its process is gone yet or not. */
  readonly releaseAsked: (agent: string) => void
  /** The store of this life keeps nothing more. */
  readonly diskBroke: (life: number) => void
  /** This life ended with its machine: its last marks may not have come to the disk. */
  readonly powerCut: (life: number) => void
  /** Records that a life of the broker finds on its disk: the one before may have died before it could say so. */
  readonly putAside: (
    letters: ReadonlyArray<{ readonly deliveryId: string; readonly reason: string }>,
    life: number
  ) => void
  readonly started: (terminal: Terminal) => void
  readonly submitted: (terminal: Terminal, lines: ReadonlyArray<RelayLine>) => void
  readonly onEngine: (event: EngineEvent) => void
  readonly onBroker: (event: BrokerEvent, life: number) => void
  /** What is open at the engine for this agent and can still come, as far as a broker can make it come. */
  readonly open: (agent: string) => ReadonlyArray<{ readonly seq: number; readonly text: string }>
  /** Once everything has healed: what is gone without having been submitted or put aside. `kept`: ids of messages that wait. */
  readonly lost: (kept: ReadonlySet<string>) => ReadonlyArray<string>
  readonly counts: () => {
    readonly rows: number
    readonly submissions: number
    readonly acks: number
    readonly dead: number
  }
}

const isOpenState = (state: string) => state === "queued" || state === "delivered"

/** What the judge looks at besides the engine's events. */
export interface JudgedEngine {
  readonly mailbox: (agent: string) => ReadonlyArray<RowView>
  readonly agent: (name: string) => { readonly id: string; readonly bound: boolean } | undefined
  readonly cursor: (agent: string) => number
}

export const makeJudge = (o: {
  readonly engine: () => JudgedEngine
  readonly history: History
  readonly now: () => number
  readonly life: () => number
}): Judge => {
  const violations: Array<string> = []
  const sent = new Map<string, SentText>()
  const rows = new Map<string, Row>()
  const mailboxes = new Map<string, Array<Row>>()
  const terminals: Array<Terminal> = []
  const submissions = new Map<string, Array<Submission>>()
  const lastOrder = new Map<string, number>()
  const buried = new Map<string, { readonly life: number; readonly reason: string }>()
  const buriedTexts = new Map<string, number>()
  const lastAck = new Map<string, number>()
  const texts = new Map<string, string>()
  /** What the broker says is with the agent, by the life that said so. */
  const confirmed = new Map<string, number>()
  const accepted = new Map<string, { readonly life: number; readonly messageId: string }>()
  const brokenLives = new Set<number>()
  const cutLives = new Set<number>()
  const isMarkKept = ({ life }: Submission) => !brokenLives.has(life) && !cutLives.has(life)
  const releases = new Set<string>()
  let acks = 0

  const violate = (what: string) => {
    violations.push(what)
    o.history.note(`VIOLATION ${what}`)
  }
  const key = (agent: string, text: string) => `${agent}\n${text}`
  const submissionsOf = (agent: string, text: string) => submissions.get(key(agent, text)) ?? []
  const lookAll = () => {
    for (const terminal of terminals) terminal.look()
  }
  const settled = (row: Row) => submissionsOf(row.agent, row.text).length > 0 || buried.has(row.deliveryId)

  const submitted: Judge["submitted"] = (terminal, lines) => {
    const { agent, life, number } = terminal
    o.history.note(
      `terminal ${number} of ${agent} got ${lines.length === 0 ? "an Enter" : lines.map((line) => line.text).join(" | ")}`
    )
    for (const line of lines) {
      const known = sent.get(line.text)
      if (known === undefined) {
        violate(`${agent} was typed something nobody sent: ${line.text}`)
        continue
      }
      const earlier = submissionsOf(agent, line.text)
      if (earlier.some((one) => one.life === life))
        violate(`${agent} got "${line.text}" twice in one life of the broker`)
      const knownSince = confirmed.get(key(agent, line.text))
      if (knownSince !== undefined && knownSince !== life && !brokenLives.has(knownSince))
        violate(`${agent} got "${line.text}" again in life ${life}, although life ${knownSince} knew that it has it`)
      if (buriedTexts.get(key(agent, line.text)) === life) violate(`${agent} got "${line.text}" after it was put aside`)
      if (line.marked && !terminal.resumed) violate(`${agent} got "${line.text}" marked as a repeat in a fresh session`)
      if (!line.marked && terminal.resumed && earlier.some(isMarkKept))
        violate(`${agent} got "${line.text}" again in a session that goes on, without the mark`)
      if (known.kind === "message" && line.from !== known.from) violate(`"${line.text}" is shown as from ${line.from}`)
      submissions.set(key(agent, line.text), [...earlier, { life, terminal: number, atMillis: o.now() }])
      const row = rows.get(key(agent, line.text))
      if (known.kind !== "message") continue
      if (row === undefined) {
        violate(`${agent} got "${line.text}", which is in no mailbox of it`)
        continue
      }
      const place = `${number}\n${known.mode}\n${row.agentId}`
      if (row.order < (lastOrder.get(place) ?? -1)) violate(`${agent} got "${line.text}" (seq ${row.seq}) out of order`)
      lastOrder.set(place, row.order)
    }
  }

  const onRow = (event: Extract<EngineEvent, { _tag: "Row" }>) => {
    const known = rows.get(event.deliveryId)
    if (known !== undefined) {
      known.state = event.state
      return
    }
    const engine = o.engine()
    const text = engine.mailbox(event.agent).findLast((row) => row.deliveryId === event.deliveryId)?.text ?? ""
    const agentId = engine.agent(event.agent)?.id ?? ""
    const mailbox = mailboxes.get(agentId) ?? []
    const row: Row = { ...event, agentId, text, order: mailbox.length }
    mailbox.push(row)
    mailboxes.set(agentId, mailbox)
    rows.set(event.deliveryId, row)
    rows.set(key(event.agent, text), row)
  }

  const onAck = (agent: string, upTo: number) => {
    acks += 1
    lookAll()
    const agentId = o.engine().agent(agent)?.id
    if (agentId === undefined) return
    const mailbox = mailboxes.get(agentId) ?? []
    const highest = mailbox.reduce((most, row) => Math.max(most, row.seq), 0)
    if (upTo > highest) violate(`ack of ${agent} up to ${upTo}, beyond its mailbox (${highest})`)
    for (const row of mailbox) {
      if (row.seq <= upTo && isOpenState(row.state) && !settled(row))
        violate(`ack of ${agent} up to ${upTo} covers seq ${row.seq} ("${row.text}"), which it never got`)
    }
    const place = `${o.life()}\n${agentId}`
    const before = lastAck.get(place) ?? 0
    if (upTo < before) violate(`ack of ${agent} falls from ${before} to ${upTo}`)
    lastAck.set(place, Math.max(before, upTo))
  }

  return {
    violations,
    sent: (text, what) => void sent.set(text, what),
    accepted: (text, agent, messageId) => void accepted.set(key(agent, text), { life: o.life(), messageId }),
    releaseAsked: (agent) => void releases.add(agent),
    diskBroke: (life) => void brokenLives.add(life),
    powerCut: (life) => void cutLives.add(life),
    putAside: (letters, life) => {
      for (const { deliveryId, reason } of letters)
        if (!buried.has(deliveryId)) buried.set(deliveryId, { life, reason })
    },
    started: (terminal) => void terminals.push(terminal),
    submitted,
    onEngine: (event) => {
      if (event._tag === "Row") onRow(event)
      else if (event._tag === "FrameIn") {
        if (event.rejection !== undefined) violate(`the engine refuses a frame: ${event.rejection}: ${event.text}`)
        if (event.frame?.type === "delivery.ack") onAck(event.frame.agent, event.frame.up_to_seq)
      }
    },
    onBroker: (event, life) => {
      if (event.kind === "relay_inbound") texts.set(event.event_id, event.body)
      if (event.kind === "message_delivery_confirmed") {
        const text = texts.get(event.event_id)
        if (text !== undefined) confirmed.set(key(event.name, text), life)
        lookAll()
        if (text !== undefined && submissionsOf(event.name, text).length === 0)
          violate(`"${text}" was confirmed for ${event.name}, who never got it`)
      }
      if (event.kind !== "message_delivery_failed") return
      buried.set(event.delivery_id, { life, reason: event.lastError })
      const text = texts.get(event.event_id)
      if (text !== undefined) buriedTexts.set(key(event.name, text), life)
      lookAll()
      const wanted = event.lastError === "agent_released" && releases.has(event.name)
      const ended = terminals.some((terminal) => terminal.agent === event.name && terminal.wasSeenToEnd())
      if (!ended && !wanted)
        violate(`"${text}" for ${event.name} was put aside (${event.lastError}) although no process of it has ended`)
    },
    open: (agent) => {
      const cursor = o.engine().cursor(agent)
      const agentId = o.engine().agent(agent)?.id ?? ""
      return (mailboxes.get(agentId) ?? []).filter((row) => isOpenState(row.state) && row.seq > cursor)
    },
    lost: (kept) => {
      lookAll()
      const acked = [...mailboxes.values()].flatMap((mailbox) =>
        mailbox
          .filter((row) => row.state === "acked" && !settled(row))
          .map((row) => `${row.agent} never got seq ${row.seq} ("${row.text}"), which is acked`)
      )
      const local = [...accepted].flatMap(([place, { life, messageId }]) => {
        const [agent = "", text = ""] = place.split("\n")
        // It may wait for the agent that it was taken for, which may not be here any more: then it is kept.
        const forgiven = life !== o.life() && brokenLives.has(life)
        const known = submissionsOf(agent, text).length > 0 || buriedTexts.has(place) || kept.has(messageId) || forgiven
        return known ? [] : [`${agent} never got "${text}", which the broker took for it`]
      })
      return [...acked, ...local]
    },
    counts: () => ({
      rows: [...mailboxes.values()].reduce((sum, mailbox) => sum + mailbox.length, 0),
      submissions: [...submissions.values()].reduce((sum, list) => sum + list.length, 0),
      acks,
      dead: buried.size
    })
  }
}
