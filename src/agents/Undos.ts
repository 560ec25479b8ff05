/**
 * What is to be taken back at the engine: agents that left, registrations that nobody wants any more. Said at once when
 * it can be; else stored, and said later, also by a later run of the broker.
 *
 * Invariants: 1. an undo ends by being said in a session that then stood for 2 s, by the engine's answer over HTTP, or by
 * `drop`, and by nothing else · 2. one per name: the latest · 3. nothing is said while the name's lock is held by others,
 * so that an undo never meets a registration in progress.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { LinkLost } from "../domain/Errors.ts"
import type { AgentId, AgentName } from "../domain/Ids.ts"
import type { Turns } from "../domain/KeyedMutex.ts"
import { EngineApi, type EngineError } from "../engine/EngineApi.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { NodeTokens } from "../node/NodeTokens.ts"
import { isReady } from "../node/SessionState.ts"
import { Store, type UndoRecord } from "../store/Store.ts"

/** A frame that left may still be lost with its session: the engine does not answer a deregister. */
const standsAfterMillis = 2_000
const sessionWaitMillis = 5_000
const retries = Schedule.exponential("1 second").pipe(Schedule.union(Schedule.spaced("30 seconds")))

export interface Undos {
  /** Says it now if that is possible, and sees to the rest. The caller holds the name's lock. `agentId`: as far as it is known. */
  readonly owe: (o: { readonly name: AgentName; readonly agentId: AgentId | undefined }) => Effect.Effect<void>
  /** The name is registered again: nothing is owed any more. The caller holds the name's lock. */
  readonly drop: (name: AgentName) => Effect.Effect<void>
}

/** `onSaid`: a goodbye went out over the node, or may have. */
export const makeUndos = (turns: Turns<AgentName>, onSaid: (name: AgentName, atMillis: number) => void) =>
  Effect.gen(function* () {
    const engine = yield* EngineApi
    const { workspaceKey: key } = yield* BrokerIdentity
    const node = yield* NodeControl
    const nodeTokens = yield* NodeTokens
    const store = yield* Store
    const fibers = yield* FiberMap.make<AgentName, void>()
    const owed = new Map<AgentName, UndoRecord>()

    const done = (record: UndoRecord) =>
      Effect.suspend(() => {
        if (owed.get(record.name) !== record) return Effect.void
        owed.delete(record.name)
        return store.undone(record.name)
      })

    /** The session it was said in. */
    const sayOverNode = (agentId: AgentId, name: AgentName): Effect.Effect<number, LinkLost> =>
      Effect.gen(function* () {
        yield* Effect.ensuring(
          node.deregisterAgent({ agentId, name }),
          Effect.map(Clock.currentTimeMillis, (atMillis) => onSaid(name, atMillis))
        )
        return (yield* node.view).sessions
      })

    /** As a deregister does it: off the node, and offline. An agent that is not bound here is somebody else's. */
    const sayOverHttp = (name: AgentName): Effect.Effect<undefined, EngineError> =>
      Effect.gen(function* () {
        const bound = yield* engine.unbindAgent({ key, node: yield* nodeTokens.nodeName, agent: name })
        if (bound) yield* engine.setAgentOffline({ key, name })
        return undefined
      })

    /** The session it was said in; undefined when the engine confirmed it. */
    const say = ({ agentId, name }: UndoRecord): Effect.Effect<number | undefined, EngineError> =>
      agentId === undefined
        ? sayOverHttp(name)
        : sayOverNode(agentId, name).pipe(Effect.catchTag("LinkLost", () => sayOverHttp(name)))

    const stands = (session: number | undefined) =>
      session === undefined
        ? Effect.succeed(true)
        : Effect.sleep(standsAfterMillis).pipe(
            Effect.zipRight(node.view),
            Effect.map(({ sessions, state }) => isReady(state) && sessions === session)
          )

    /** True: nothing more is to be done. */
    const attempt = (record: UndoRecord): Effect.Effect<boolean, EngineError> =>
      Effect.gen(function* () {
        if (record.agentId !== undefined) yield* Effect.ignore(node.awaitReady(sessionWaitMillis))
        const session = yield* turns(
          record.name,
          Effect.suspend(() => (owed.get(record.name) === record ? say(record) : Effect.succeed(undefined)))
        )
        return yield* stands(session)
      })

    const keepTrying = (record: UndoRecord): Effect.Effect<void> =>
      attempt(record).pipe(
        Effect.catchAll((error) =>
          Effect.as(Effect.logDebug(`${record.name} not taken back yet: ${error.message}`), false)
        ),
        Effect.repeat(Schedule.recurUntil((isOver: boolean) => isOver).pipe(Schedule.intersect(retries))),
        Effect.zipRight(done(record))
      )

    const owe: Undos["owe"] = ({ agentId, name }) =>
      Effect.gen(function* () {
        const record: UndoRecord = { name, agentId, sinceMillis: yield* Clock.currentTimeMillis }
        owed.set(name, record)
        yield* store.undoOwed(record)
        const session = agentId === undefined ? Option.none() : yield* Effect.option(sayOverNode(agentId, name))
        if (Option.isNone(session)) yield* Effect.logInfo(`${name} will be taken back when the engine is there`)
        const rest = Option.isNone(session)
          ? keepTrying(record)
          : Effect.flatMap(stands(session.value), (over) => (over ? done(record) : keepTrying(record)))
        yield* FiberMap.run(fibers, name, rest)
      })

    for (const record of (yield* store.load).undos) {
      owed.set(record.name, record)
      yield* FiberMap.run(fibers, record.name, keepTrying(record))
    }

    const undos: Undos = {
      owe,
      drop: (name) =>
        Effect.suspend(() => {
          if (!owed.delete(name)) return Effect.void
          return Effect.zipRight(FiberMap.remove(fibers, name), store.undone(name))
        })
    }
    return undos
  })
