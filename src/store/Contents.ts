/**
 * What a store holds, as plain data in memory: the same rules as the tables and their statements, which the conformance
 * suite and the property tests hold against each other. No time of its own, no effects.
 */
import type { AgentId, AgentName, DeliveryId, InvocationId } from "../domain/Ids.ts"
import { DeliveryRows, isEnded, isOpen, tooMany } from "./DeliveryRows.ts"
import { defaultLimits, type Limits } from "./Limits.ts"
import type { Reads } from "./Reads.ts"
import type {
  AgentRecord,
  AlertRecord,
  CrashRecord,
  CursorRecord,
  DeadLetterRecord,
  DeliveryRecord,
  InvocationRecord,
  StoredState,
  UndoRecord
} from "./Store.ts"
import type { Write } from "./Writes.ts"

/** Oldest first, as maps keep what was put in; a change of place is a new entry. */
const replaceIn = <K, V>(map: Map<K, V>, key: K, value: V) => {
  map.delete(key)
  map.set(key, value)
}

export class Contents implements Reads {
  private readonly limits: Limits
  private readonly rows = new DeliveryRows()
  private readonly cursors = new Map<AgentId, CursorRecord>()
  private readonly agents = new Map<AgentName, AgentRecord>()
  private readonly invocations = new Map<InvocationId, InvocationRecord>()
  private readonly undos = new Map<AgentName, UndoRecord>()
  private readonly letters = new Map<DeliveryId, DeadLetterRecord>()
  private crashed: ReadonlyArray<CrashRecord> = []
  private eventsUpTo = 0
  private readonly alertRows = new Map<string, AlertRecord>()
  private readonly added = new Map<AgentName, number>()
  private lettersAdded = 0
  private answersAdded = 0
  private alertsAdded = 0
  private sweptAtMillis = Number.NEGATIVE_INFINITY

  constructor(limits: Partial<Limits> = {}) {
    this.limits = { ...defaultLimits, ...limits }
  }

  apply(write: Write) {
    switch (write._tag) {
      case "Received":
        this.added.set(write.delivery.agent, (this.added.get(write.delivery.agent) ?? 0) + 1)
        return this.rows.received(write)
      case "Typing":
        for (const id of write.deliveryIds)
          this.rows.change(id, isOpen, {
            state: "typing",
            typingAtMillis: write.atMillis,
            unproven: undefined
          })
        return
      case "Waiting":
        for (const id of write.deliveryIds) {
          this.rows.change(id, ({ state }) => state === "typing", {
            state: "waiting",
            typingAtMillis: undefined,
            unproven: undefined
          })
        }
        return
      case "Submitted": {
        const { atMillis, channel, deliveryId, evidence } = write
        const state = this.rows.get(deliveryId)?.numbered ? "submitted" : "acked"
        return this.rows.change(deliveryId, isOpen, {
          ...{ state, evidence, channel },
          submittedAtMillis: atMillis,
          unproven: undefined
        })
      }
      case "Unproven":
        return this.rows.change(write.deliveryId, ({ state }) => state === "typing", { unproven: write.reason })
      case "Acked": {
        const { acked, agentId } = write.cursor
        const told = (record: DeliveryRecord) => record.numbered && record.seq <= acked
        for (const id of this.rows.unacked(agentId)) {
          this.rows.change(id, told, { state: "acked", ackedAtMillis: write.atMillis })
        }
        return replaceIn(this.cursors, agentId, write.cursor)
      }
      case "Cursor":
        return replaceIn(this.cursors, write.cursor.agentId, write.cursor)
      case "Buried":
        this.lettersAdded += 1
        this.rows.change(write.letter.deliveryId, isOpen, { state: "dead", deadReason: write.letter.reason })
        return replaceIn(this.letters, write.letter.deliveryId, write.letter)
      case "Redelivered": {
        const letter = this.letters.get(write.deliveryId)
        if (letter !== undefined) this.letters.set(write.deliveryId, { ...letter, redeliveredAs: write.as })
        return
      }
      case "LettersPurged":
        if (write.deliveryId === undefined) this.letters.clear()
        else this.letters.delete(write.deliveryId as DeliveryId)
        return
      case "Agent":
        return replaceIn(this.agents, write.record.name, write.record)
      case "InvocationOpened": {
        const { action, atMillis, invocationId } = write
        if (this.invocations.has(invocationId)) return
        this.invocations.set(invocationId, { invocationId, action, openedAtMillis: atMillis, answer: undefined })
        return
      }
      case "InvocationAnswered": {
        const known = this.invocations.get(write.invocationId)
        if (known === undefined) return
        this.answersAdded += 1
        this.invocations.set(write.invocationId, { ...known, answer: write.answer })
        return
      }
      case "InvocationForgotten":
        this.invocations.delete(write.invocationId)
        return
      case "UndoOwed":
        return replaceIn(this.undos, write.record.name, write.record)
      case "Undone":
        this.undos.delete(write.name)
        return
      case "Crashed":
        this.crashed = [...this.crashed, write.crash].slice(-this.limits.crashes)
        return
      case "EventsNumbered":
        this.eventsUpTo = write.upTo
        return
      case "Alert": {
        const { code, sinceMillis, subject } = write.record
        this.alertsAdded += 1
        this.alertRows.set(JSON.stringify([code, subject, sinceMillis]), write.record)
        return
      }
    }
  }

  /** Caps and ages; after each commit. */
  prune(nowMillis: number): void {
    const { answeredInvocations, deadLetters, pruneEvery, sweepMillis } = this.limits
    const sweeps = nowMillis - this.sweptAtMillis >= sweepMillis
    for (const [agent, added] of this.added) {
      if (added < pruneEvery && !sweeps) continue
      this.added.delete(agent)
      this.rows.trimAgent(agent, this.limits.deliveriesPerAgent)
    }
    if (this.lettersAdded >= pruneEvery || sweeps) {
      this.lettersAdded = 0
      for (const id of tooMany(this.letters.keys(), deadLetters)) this.letters.delete(id)
    }
    if (this.answersAdded >= pruneEvery || sweeps) {
      this.answersAdded = 0
      const answered = [...this.invocations.values()].filter(({ answer }) => answer !== undefined)
      for (const { invocationId } of tooMany(answered, answeredInvocations)) this.invocations.delete(invocationId)
    }
    if (this.alertsAdded >= pruneEvery || sweeps) {
      this.alertsAdded = 0
      const ended = [...this.alertRows].filter(([, record]) => record.ended !== undefined)
      for (const [key] of tooMany(ended, this.limits.alertHistory)) this.alertRows.delete(key)
    }
    if (!sweeps) return
    this.sweptAtMillis = nowMillis
    this.dropOld(nowMillis)
  }

  load(): StoredState {
    const all = this.rows.all()
    let left = this.limits.loadBytes
    const open = all.filter(isOpen).map((record): DeliveryRecord => {
      if (left <= 0) return { ...record, message: undefined }
      left -= JSON.stringify(record.message).length
      return record
    })
    const latest = new Set([...this.rows.byAgent().values()].flatMap((ids) => [...ids].slice(-this.limits.idsPerAgent)))
    return {
      open,
      submitted: all.filter(({ state }) => state === "submitted").map((record) => ({ ...record, message: undefined })),
      cursors: [...this.cursors.values()],
      recent: all
        .filter(({ deliveryId }) => latest.has(deliveryId))
        .map(({ agentId, deliveryId, seq }) => ({ agentId, deliveryId, seq })),
      agents: [...this.agents.values()],
      invocations: [...this.invocations.values()],
      undos: [...this.undos.values()]
    }
  }

  message(deliveryId: string) {
    const record = this.rows.get(deliveryId)
    return record !== undefined && isOpen(record) ? record.message : undefined
  }

  find(id: string): ReadonlyArray<DeliveryRecord> {
    return this.rows
      .all()
      .filter(({ deliveryId, messageId }) => deliveryId === id || messageId === id)
      .reverse()
  }

  recentDeliveries({ agent, limit }: Parameters<Reads["recentDeliveries"]>[0]): ReadonlyArray<DeliveryRecord> {
    return this.rows
      .all()
      .filter((record) => agent === undefined || record.agent === agent)
      .reverse()
      .slice(0, limit)
  }

  deadLetters(): ReadonlyArray<DeadLetterRecord> {
    return [...this.letters.values()].reverse().slice(0, this.limits.deadLetters)
  }

  deadLetter(deliveryId: string) {
    return this.letters.get(deliveryId as DeliveryId)
  }

  countDeadLetters(deliveryId: string | undefined): number {
    if (deliveryId === undefined) return this.letters.size
    return this.letters.has(deliveryId as DeliveryId) ? 1 : 0
  }

  lastEventNumber(): number {
    return this.eventsUpTo
  }

  crashes(): ReadonlyArray<CrashRecord> {
    return this.crashed
  }

  findAgent(name: string) {
    return this.agents.get(name as AgentName)
  }

  alerts(): ReadonlyArray<AlertRecord> {
    const all = [...this.alertRows.values()]
    const latest = new Set(all.filter(({ ended }) => ended !== undefined).slice(-this.limits.alertHistory))
    return all.filter((record) => record.ended === undefined || latest.has(record))
  }

  private dropOld(nowMillis: number): void {
    const { agentAgeMillis, cursors, deadLetterAgeMillis, deliveryAgeMillis, idsPerAgent } = this.limits
    for (const [agent, ids] of this.rows.byAgent()) {
      this.rows.trimAgent(agent, this.limits.deliveriesPerAgent)
      for (const record of this.rows.recordsOf(ids)) {
        if (!isOpen(record) && record.receivedAtMillis < nowMillis - agentAgeMillis) this.rows.drop(record)
      }
      for (const record of this.rows.recordsOf(tooMany(ids, idsPerAgent))) {
        if (isEnded(record) && record.receivedAtMillis < nowMillis - deliveryAgeMillis) this.rows.drop(record)
      }
    }
    for (const { atMillis, deliveryId } of [...this.letters.values()]) {
      if (atMillis < nowMillis - deadLetterAgeMillis) this.letters.delete(deliveryId)
    }
    for (const { name, state, updatedAtMillis } of [...this.agents.values()]) {
      if (state !== "live" && updatedAtMillis < nowMillis - agentAgeMillis) this.agents.delete(name)
    }
    for (const agentId of tooMany(this.cursors.keys(), cursors)) this.cursors.delete(agentId)
  }
}
