/**
 * The store of a simulated machine: a journal in the order of the calls, of which a crash keeps everything that was synced
 * and some of what was not. Syncs take virtual time; a broken disk keeps nothing and says so.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { AgentId } from "../../src/domain/Ids.ts"
import {
  type AgentRecord,
  type CursorRecord,
  type DeadLetterRecord,
  type DeliveryRecord,
  type InvocationRecord,
  Store,
  type StoreHealth
} from "../../src/store/Store.ts"
import type { Dice } from "./Dice.ts"

interface Tables {
  readonly deliveries: Map<string, DeliveryRecord>
  readonly cursors: Map<AgentId, CursorRecord>
  readonly agents: Map<string, AgentRecord>
  readonly invocations: Map<string, InvocationRecord>
  readonly letters: Map<string, DeadLetterRecord>
}

type Write = (tables: Tables) => void

const emptyTables = (): Tables => ({
  deliveries: new Map(),
  cursors: new Map(),
  agents: new Map(),
  invocations: new Map(),
  letters: new Map()
})

export interface SimStore {
  readonly layer: Layer.Layer<Store>
  /** The process died: everything it had handed over survives, or with the machine what was synced, and perhaps more. */
  readonly crash: (machine: boolean) => void
  readonly slow: (millis: number) => void
  /** Writes get lost from now on, until it is mended. What a broker remembers meanwhile, it remembers in vain. */
  readonly break: (nowMillis: number) => void
  readonly mend: () => void
}

const isOpen = ({ state }: DeliveryRecord) => state === "waiting" || state === "typing"

export const makeSimStore = (dice: Dice): SimStore => {
  let journal: Array<Write> = []
  /** Handed over by the process, so that its end does not matter. */
  let written = 0
  let synced = 0
  let tables = emptyTables()
  let slowMillis = 0
  let health: StoreHealth = { _tag: "Ok" }

  const rebuild = (length: number) => {
    journal = journal.slice(0, length)
    written = length
    synced = length
    tables = emptyTables()
    for (const write of journal) write(tables)
  }

  const append = (write: Write) => {
    if (health._tag !== "Ok") return
    journal.push(write)
    write(tables)
  }
  const write = (change: Write) => Effect.sync(() => append(change))
  const sync = Effect.suspend(() => {
    if (health._tag !== "Ok") return Effect.void
    const upTo = journal.length
    return Effect.sleep(dice.between(0, 3)).pipe(
      Effect.zipRight(
        Effect.sync(() => {
          written = Math.max(written, Math.min(upTo, journal.length))
        })
      ),
      Effect.zipRight(Effect.sleep(slowMillis > 0 ? dice.between(1, slowMillis) : dice.between(0, 5))),
      Effect.zipRight(
        Effect.sync(() => {
          synced = Math.max(synced, Math.min(upTo, journal.length))
        })
      )
    )
  })
  const durable = (change: Write) => Effect.zipRight(write(change), sync)

  const change = (id: string, with_: (record: DeliveryRecord) => DeliveryRecord): Write => {
    return ({ deliveries }) => {
      const record = deliveries.get(id)
      if (record !== undefined) deliveries.set(id, with_(record))
    }
  }

  const setCursor =
    (cursor: CursorRecord): Write =>
    ({ cursors }) => {
      const known = cursors.get(cursor.agentId)
      cursors.set(cursor.agentId, {
        ...cursor,
        received: Math.max(cursor.received, known?.received ?? 0),
        acked: Math.max(cursor.acked, known?.acked ?? 0)
      })
    }

  const newestLetters = () => [...tables.letters.values()].reverse()
  const newest = () => [...tables.deliveries.values()].reverse()

  const store: Store["Type"] = {
    load: Effect.sync(() => {
      const all = [...tables.deliveries.values()]
      return {
        open: all.filter(isOpen),
        submitted: all.filter(({ state }) => state === "submitted"),
        cursors: [...tables.cursors.values()],
        recent: all.map(({ agentId, deliveryId, seq }) => ({ agentId, deliveryId, seq })),
        agents: [...tables.agents.values()],
        invocations: [...tables.invocations.values()]
      }
    }),
    health: Effect.sync(() => health),
    received: (delivery, { atMillis, numbered }) =>
      write(({ deliveries }) => {
        if (deliveries.has(delivery.deliveryId)) return
        const { agent, agentId, deliveryId, message, origin, seq } = delivery
        deliveries.set(deliveryId, {
          ...{ deliveryId, agentId, agent, seq, numbered, origin, messageId: message.id },
          ...{ from: message.from, target: message.target, state: "waiting", message, receivedAtMillis: atMillis },
          ...{ typingAtMillis: undefined, submittedAtMillis: undefined, evidence: undefined },
          ...{ ackedAtMillis: undefined, deadReason: undefined }
        })
      }),
    typing: (ids, atMillis) =>
      durable((now) => {
        for (const id of ids) change(id, (record) => ({ ...record, state: "typing", typingAtMillis: atMillis }))(now)
      }),
    waiting: (ids) =>
      write((now) => {
        for (const id of ids) change(id, (record) => ({ ...record, state: "waiting" }))(now)
      }),
    submitted: ({ atMillis, deliveryId, evidence }) =>
      durable(
        change(deliveryId, (record) => ({ ...record, state: "submitted", submittedAtMillis: atMillis, evidence }))
      ),
    acked: (cursor, atMillis) =>
      write((now) => {
        setCursor(cursor)(now)
        for (const record of now.deliveries.values()) {
          if (record.agentId !== cursor.agentId || !record.numbered || record.seq > cursor.acked) continue
          if (record.state !== "submitted") continue
          now.deliveries.set(record.deliveryId, { ...record, state: "acked", ackedAtMillis: atMillis })
        }
      }),
    cursor: (cursor) => write(setCursor(cursor)),
    buried: (letter) =>
      durable((now) => {
        now.letters.set(letter.deliveryId, letter)
        change(letter.deliveryId, (record) => ({ ...record, state: "dead", deadReason: letter.reason }))(now)
      }),
    message: (id) => Effect.sync(() => Option.fromNullable(tables.deliveries.get(id)?.message)),
    find: (id) => Effect.sync(() => newest().filter((one) => one.deliveryId === id || one.messageId === id)),
    recentDeliveries: ({ agent, limit }) =>
      Effect.sync(() =>
        newest()
          .filter((one) => agent === undefined || one.agent === agent)
          .slice(0, limit)
      ),
    deadLetters: Effect.sync(newestLetters),
    deadLetter: (id) => Effect.sync(() => Option.fromNullable(tables.letters.get(id))),
    redelivered: ({ as, deliveryId }) =>
      write(({ letters }) => {
        const letter = letters.get(deliveryId)
        if (letter !== undefined) letters.set(deliveryId, { ...letter, redeliveredAs: as })
      }),
    purgeDeadLetters: (id) =>
      Effect.sync(() => {
        const ids = id === undefined ? [...tables.letters.keys()] : tables.letters.has(id) ? [id] : []
        append(({ letters }) => {
          for (const one of ids) letters.delete(one)
        })
        return ids.length
      }),
    agent: (record) => write(({ agents }) => void agents.set(record.name, record)),
    findAgent: (name) => Effect.sync(() => Option.fromNullable(tables.agents.get(name))),
    invocationOpened: ({ action, atMillis, invocationId }) =>
      durable(({ invocations }) => {
        if (invocations.has(invocationId)) return
        invocations.set(invocationId, { invocationId, action, openedAtMillis: atMillis, answer: undefined })
      }),
    invocationAnswered: ({ answer, invocationId }) =>
      durable(({ invocations }) => {
        const known = invocations.get(invocationId)
        if (known !== undefined) invocations.set(invocationId, { ...known, answer })
      }),
    flush: sync
  }

  return {
    layer: Layer.succeed(Store, store),
    crash: (machine) => rebuild(dice.between(machine ? synced : written, journal.length)),
    slow: (millis) => {
      slowMillis = millis
    },
    break: (nowMillis) => {
      health = { _tag: "Degraded", reason: "simulated", sinceMillis: nowMillis }
    },
    mend: () => {
      health = { _tag: "Ok" }
    }
  }
}
