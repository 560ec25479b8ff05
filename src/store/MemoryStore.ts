/**
 * `Store` in memory, for tests: what is committed is in `contents`, which a second store can be made over, as a broker
 * finds its file after a crash. Takes time from the Clock only. Its faults are scripted.
 */

import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { AgentId, AgentName, DeliveryId, InvocationId } from "../domain/Ids.ts"
import { defaultLimits, type Limits } from "./Limits.ts"
import type { Reads, Step } from "./Reads.ts"
import {
  type AgentRecord,
  type AlertRecord,
  type CrashRecord,
  type CursorRecord,
  type DeadLetterRecord,
  type DeliveryRecord,
  type DeliveryState,
  type InvocationRecord,
  Store,
  type StoredState,
  type StoreHealth,
  type UndoRecord
} from "./Store.ts"
import { type Commits, commitsOf, storeOf } from "./storeOf.ts"
import type { Write } from "./Writes.ts"

// The delivery rows of a store in memory: by id, oldest first, with what is needed to find them by agent. Only their own
// rules; which write leads to which change is `Contents`'s.

const unacked: ReadonlySet<DeliveryState> = new Set(["waiting", "typing", "submitted"])
const isOpen = ({ state }: DeliveryRecord) => state === "waiting" || state === "typing"
const isEnded = ({ state }: DeliveryRecord) => state === "acked" || state === "dead"

/** All but the newest `kept`. */
const tooMany = <A>(values: Iterable<A>, kept: number): ReadonlyArray<A> => {
  const all = [...values]
  return all.slice(0, Math.max(0, all.length - kept))
}

class DeliveryRows {
  private readonly deliveries = new Map<DeliveryId, DeliveryRecord>()
  private readonly ofAgent = new Map<AgentName, Set<DeliveryId>>()
  private readonly unackedOf = new Map<AgentId, Set<DeliveryId>>()

  all(): ReadonlyArray<DeliveryRecord> {
    return [...this.deliveries.values()]
  }

  get(deliveryId: string): DeliveryRecord | undefined {
    return this.deliveries.get(deliveryId as DeliveryId)
  }

  /** Numbered rows of this agent that no ack has covered yet. */
  unacked(agentId: AgentId): ReadonlyArray<DeliveryId> {
    return [...(this.unackedOf.get(agentId) ?? [])]
  }

  /** The ids are live: they follow what is put and dropped. */
  byAgent(): ReadonlyMap<AgentName, ReadonlySet<DeliveryId>> {
    return this.ofAgent
  }

  received({ atMillis, delivery, numbered }: Extract<Write, { _tag: "Received" }>): void {
    const { agent, agentId, deliveryId, message, origin, seq } = delivery
    if (this.deliveries.has(deliveryId)) return
    this.put({
      deliveryId,
      agentId,
      agent,
      seq,
      numbered,
      origin,
      messageId: message.id,
      from: message.from,
      target: message.target,
      state: "waiting",
      message,
      receivedAtMillis: atMillis,
      typingAtMillis: undefined,
      submittedAtMillis: undefined,
      evidence: undefined,
      channel: undefined,
      unproven: undefined,
      ackedAtMillis: undefined,
      deadReason: undefined
    })
  }

  private put(record: DeliveryRecord): void {
    const { agent, agentId, deliveryId, state } = record
    this.deliveries.set(deliveryId, record)
    const named = this.ofAgent.get(agent)
    if (named === undefined) this.ofAgent.set(agent, new Set([deliveryId]))
    else named.add(deliveryId)
    const open = this.unackedOf.get(agentId)
    if (!unacked.has(state)) open?.delete(deliveryId)
    else if (open === undefined) this.unackedOf.set(agentId, new Set([deliveryId]))
    else open.add(deliveryId)
  }

  change(deliveryId: DeliveryId, allowed: (record: DeliveryRecord) => boolean, to: Partial<DeliveryRecord>): void {
    const record = this.deliveries.get(deliveryId)
    if (record === undefined || !allowed(record)) return
    const next = { ...record, ...to }
    this.put(isEnded(next) ? { ...next, message: undefined } : next)
  }

  drop({ agent, agentId, deliveryId }: DeliveryRecord): void {
    this.deliveries.delete(deliveryId)
    this.ofAgent.get(agent)?.delete(deliveryId)
    this.unackedOf.get(agentId)?.delete(deliveryId)
  }

  recordsOf(ids: Iterable<DeliveryId>): ReadonlyArray<DeliveryRecord> {
    return [...ids].flatMap((id) => this.deliveries.get(id) ?? [])
  }

  /** All but the newest `kept` rows of the agent, as far as they have ended. */
  trimAgent(agent: AgentName, kept: number): void {
    const ids = this.ofAgent.get(agent)
    if (ids === undefined || ids.size <= kept) return
    for (const record of this.recordsOf(tooMany(ids, kept))) {
      if (isEnded(record)) this.drop(record)
    }
  }
}

// What a store holds, as plain data in memory: the same rules as the tables and their statements, which the conformance
// suite and the property tests hold against each other. No time of its own, no effects.

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

export interface MemoryStoreControl {
  readonly layer: Layer.Layer<Store>
  /** What is on the disk. */
  readonly contents: Contents
  /**
   * The process dies at its next commit, before or after it counts; the inner effect completes then. Who waits for that
   * commit never hears of it. Later calls return at once and do nothing, so that a test can take down what is left.
   */
  readonly crashAtCommit: (when: "before" | "after") => Effect.Effect<Effect.Effect<void>>
  /** From now on the store is degraded: it keeps nothing more and still reads what it has. */
  readonly fail: (reason: string) => Effect.Effect<void>
  /** Every commit takes this long from now on. */
  readonly slow: (millis: number) => Effect.Effect<void>
}

interface Script {
  crash: { readonly when: "before" | "after"; readonly crashed: Deferred.Deferred<void> } | undefined
  health: StoreHealth
  slowMillis: number
}

const make = (contents: Contents, script: Script, limits: Limits) =>
  Effect.gen(function* () {
    const commit = (steps: ReadonlyArray<Step>) =>
      Effect.map(Clock.currentTimeMillis, (nowMillis) => {
        let written = false
        for (const step of steps) {
          if (step._tag === "Read") step.run(contents)
          if (step._tag !== "Write" || script.health._tag === "Degraded") continue
          contents.apply(step.write)
          written = true
        }
        if (written) contents.prune(nowMillis)
      })

    const die = (crash: NonNullable<Script["crash"]>) =>
      Effect.gen(function* () {
        script.crash = undefined
        yield* commits.halt
        yield* Deferred.succeed(crash.crashed, undefined)
        return yield* Effect.interruptible(Effect.never)
      })

    const apply = (steps: ReadonlyArray<Step>) =>
      Effect.gen(function* () {
        if (script.slowMillis > 0) yield* Effect.sleep(script.slowMillis)
        const { crash } = script
        if (crash?.when === "before") return yield* die(crash)
        yield* commit(steps)
        if (crash?.when === "after") return yield* die(crash)
      })

    const commits: Commits = yield* commitsOf(
      { apply, sync: Effect.void, turn: Effect.yieldNow(), tidy: Effect.void, close: commit },
      limits
    )
    return storeOf({ commits, health: Effect.sync(() => script.health) })
  })

export const MemoryStore = {
  /** Over `contents`, what a former store left there; else over nothing. */
  make: (o: { readonly contents?: Contents; readonly limits?: Partial<Limits> } = {}): MemoryStoreControl => {
    const limits = { ...defaultLimits, ...o.limits }
    const contents = o.contents ?? new Contents(limits)
    const script: Script = { crash: undefined, health: { _tag: "Ok" }, slowMillis: 0 }
    return {
      layer: Layer.scoped(Store, make(contents, script, limits)),
      contents,
      crashAtCommit: (when) =>
        Effect.map(Deferred.make<void>(), (crashed) => {
          script.crash = { when, crashed }
          return Deferred.await(crashed)
        }),
      fail: (reason) =>
        Effect.map(Clock.currentTimeMillis, (sinceMillis) => {
          script.health = { _tag: "Degraded", reason, sinceMillis }
        }),
      slow: (millis) =>
        Effect.sync(() => {
          script.slowMillis = millis
        })
    }
  }
}
