/**
 * `inventory.sync`: the live workers of this node, told when `InventoryGate` allows it; also the safest way to have unacked
 * messages replayed. An agent that the engine says is active elsewhere is left out, once a while tried again, and not
 * typed to meanwhile.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { AgentLocationConflict, type LinkLost, type NodeRequestRefused } from "../domain/Errors.ts"
import type { AgentName } from "../domain/Ids.ts"
import type { Registration } from "./Registration.ts"
import type { SessionContext } from "./SessionContext.ts"

// When an `inventory.sync` may be sent. The engine completes listed invocations, takes unlisted ones away and marks
// unlisted agents offline, so it waits for a quiet moment.
//
// Invariants: 1. never while an invocation younger than 30 s is open or an `agent.register` is unanswered · 2. never
// within 1 s after an `action.result` · 3. after a register only after 500 ms without a frame · 4. but agents' presence
// lapses at 5 min: after 4 min open invocations are no longer waited for, after 4½ nothing is · 5. a clock that is put back
// holds nothing up: what seems to lie ahead is long ago.

export interface InventoryFacts {
  readonly nowMillis: number
  /** Opening times of the invocations that are not answered yet. */
  readonly openSinceMillis: Iterable<number>
  readonly unansweredRegisters: number
  readonly lastResultMillis: number
  readonly lastFrameMillis: number
  readonly registeredAtMillis: number
  /** Undefined: none was sent since the last register. */
  readonly lastInventoryMillis: number | undefined
}

const invocationAgeMillis = 30_000
const afterResultMillis = 1_000
const quietMillis = 500
const urgentMillis = 4 * 60_000
const latestMillis = 4.5 * 60_000

/** What is left of `span` that began at `since`. */
const left = (since: number, span: number, nowMillis: number): number =>
  since > nowMillis ? 0 : Math.max(0, since + span - nowMillis)

/** 0: now. Otherwise how long to wait before asking again. */
export const inventoryWaitMillis = (facts: InventoryFacts): number => {
  const { lastInventoryMillis, nowMillis, registeredAtMillis } = facts
  const overdue = nowMillis - (lastInventoryMillis ?? registeredAtMillis)
  if (overdue >= latestMillis) return 0
  let wait = left(facts.lastResultMillis, afterResultMillis, nowMillis)
  if (overdue < urgentMillis) {
    for (const since of facts.openSinceMillis) {
      if (left(since, invocationAgeMillis, nowMillis) > 0) wait = Math.max(wait, 250)
    }
  }
  if (facts.unansweredRegisters > 0) wait = Math.max(wait, 100)
  if (lastInventoryMillis === undefined) {
    for (const since of [registeredAtMillis, facts.lastFrameMillis])
      wait = Math.max(wait, left(since, quietMillis, nowMillis))
  }
  return wait
}

/** Not more than one replay is asked for per this time. */
const replayEveryMillis = 10_000

/** `Agent "x" already has an active location`: the engine names the agent only in the text. */
const conflictingName = (error: NodeRequestRefused): string | undefined =>
  error.code === "agent_location_conflict" ? /"([^"]+)"/.exec(error.reason)?.[1] : undefined

export const makeInventory = (context: SessionContext, registration: Registration) =>
  Effect.gen(function* () {
    const { alerts, facts, memory, requests, timing } = context
    const scope = yield* Effect.scope

    const waitMillis = Effect.map(Clock.currentTimeMillis, (nowMillis) =>
      inventoryWaitMillis({
        nowMillis,
        openSinceMillis: memory.openInvocations.values(),
        unansweredRegisters: requests.unanswered("agent.register"),
        lastResultMillis: memory.lastResultMillis,
        lastFrameMillis: facts.lastFrameMillis,
        registeredAtMillis: facts.registeredAtMillis,
        lastInventoryMillis: facts.lastInventoryMillis
      })
    )

    const setElsewhere = (name: AgentName, elsewhere: boolean) =>
      Effect.gen(function* () {
        const changed = memory.elsewhere.has(name) !== elsewhere
        if (elsewhere) memory.elsewhere.set(name, yield* Clock.currentTimeMillis)
        else memory.elsewhere.delete(name)
        if (changed) yield* memory.frames.offer({ _tag: "AgentPlace", agent: name, elsewhere })
        yield* elsewhere
          ? alerts.raise(new AgentLocationConflict({ agent: name }), name)
          : alerts.resolve("AgentLocationConflict", name)
      })

    /** All live workers but those elsewhere; one of these is tried again when its time has come. */
    const roster = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      let probed = false
      return (yield* context.workers).flatMap(({ agentId, name, spec: { sessionRef } }) => {
        const since = memory.elsewhere.get(name)
        if (agentId === undefined) return []
        if (since !== undefined) {
          if (probed || now - since < timing.elsewhereMillis) return []
          probed = true
        }
        return [{ agentId, name, sessionRef }]
      })
    })

    const sync: Effect.Effect<void, LinkLost> = Effect.gen(function* () {
      const listed = yield* roster
      const answer = yield* context
        .request("inventory.sync", "", timing.inventoryDeadlineMillis, (id) => ({
          v: 1,
          type: "inventory.sync",
          id,
          agents: listed.map(({ agentId, name, sessionRef }) => ({
            agent_id: agentId,
            name,
            ...(sessionRef === undefined ? {} : { session_ref: sessionRef })
          }))
        }))
        .pipe(
          Effect.as("accepted" as const),
          Effect.catchTags({
            NodeRequestRefused: (error) => Effect.succeed(error),
            NodeRequestTimeout: (error) => Effect.as(Effect.logWarning(error.message), "unanswered" as const)
          }),
          Effect.zipLeft(
            Effect.map(Clock.currentTimeMillis, (now) => {
              facts.lastInventoryMillis = now
            })
          )
        )
      if (answer === "unanswered") {
        facts.unansweredInventories += 1
        return
      }
      facts.unansweredInventories = 0
      if (answer === "accepted") {
        for (const { name } of listed) if (memory.elsewhere.has(name)) yield* setElsewhere(name, false)
        return
      }
      const conflict = listed.find(({ name }) => name === conflictingName(answer))
      // A name that we did not list cannot be what is wrong with our list.
      if (conflict === undefined) return yield* Effect.logWarning(answer.message)
      yield* setElsewhere(conflict.name, true)
      yield* sync
    })

    const oneAtATime = yield* Effect.makeSemaphore(1)
    const syncAlone = oneAtATime.withPermits(1)(sync)

    const whenAllowed = Effect.gen(function* () {
      for (;;) {
        const wait = yield* waitMillis
        if (wait === 0) return yield* syncAlone
        yield* Effect.sleep(wait)
      }
    })

    const inventories = Effect.gen(function* () {
      yield* whenAllowed
      yield* Effect.sleep(facts.unansweredInventories > 0 ? timing.inventoryRetryMillis : timing.inventoryEveryMillis)
    }).pipe(Effect.forever)

    const requestReplay = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const sinceMillis = now - memory.lastReplayAskMillis
      // Less than nothing: the clock was put back.
      if (!facts.ready || (sinceMillis >= 0 && sinceMillis < replayEveryMillis)) return false
      memory.lastReplayAskMillis = now
      // The answer to one that is on its way brings a replay, too.
      if (requests.unanswered("inventory.sync") > 0) return true
      const safe = (yield* waitMillis) === 0
      yield* (safe ? syncAlone : Effect.asVoid(registration.again)).pipe(
        Effect.catchAll((error) => Effect.logWarning(`replay not asked for: ${error.message}`)),
        Effect.forkIn(scope)
      )
      return true
    })

    return { inventories, requestReplay }
  })
