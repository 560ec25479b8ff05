/** One fault of a plan, from its beginning to its end, by the controls of the fake engine. */
import * as Effect from "effect/Effect"
import type { EngineEvent, FakeEngineService, Fate } from "../../src/testing/index.ts"
import { nodeName } from "./BrokerLife.ts"
import type { Dice } from "./Dice.ts"
import type { Fault, FrameFates } from "./Plan.ts"
import { pass } from "./pass.ts"
import type { SimStore } from "./SimStore.ts"

type FrameQuestion = { readonly to: "node" | "engine"; readonly type: string }

export interface FrameFate {
  readonly set: (fates: FrameFates | undefined) => void
  readonly onEngine: (event: EngineEvent) => void
  readonly decide: (frame: FrameQuestion) => Fate
}

/** Frames whose loss the engine's own races and the node's slow death explain. A deregister is not answered, so it is not among them. */
const losable = new Set([
  "delivery.ack",
  "node.heartbeat",
  "agent.register",
  "node.register",
  "inventory.sync",
  "action.result"
])
const repeatable = new Set(["delivery.ack", "node.heartbeat"])

/**
 * What becomes of single frames. Of `deliver` frames only live ones are lost or late: a replay is one ordered stream on
 * one socket, and of its frames none goes missing without that socket.
 */
export const makeFrameFates = (dice: Dice, cursorOf: (agent: string) => number): FrameFate => {
  let fates: FrameFates | undefined
  /** The engine has just made a row: the next `deliver` frame is its live one. */
  let live = false
  const toNode = (now: FrameFates, type: string): Fate => {
    if (type === "deliver") {
      const isLive = live
      live = false
      if (isLive && dice.chance(now.loseDeliver)) return "lose"
      if (isLive && dice.chance(now.delayDeliver)) return { delay: dice.between(1, 3_000) }
      return dice.chance(now.duplicate) ? "duplicate" : "deliver"
    }
    if ((type === "reply" || type === "error") && dice.chance(now.loseReply)) return "lose"
    if (type === "action.invoke" && dice.chance(now.loseInvoke)) return "lose"
    return "deliver"
  }
  const toEngine = (now: FrameFates, type: string): Fate => {
    if (losable.has(type) && dice.chance(now.loseToEngine)) return "lose"
    if (dice.chance(now.delayToEngine)) return { delay: dice.between(1, 500) }
    return repeatable.has(type) && dice.chance(now.duplicate) ? "duplicate" : "deliver"
  }
  return {
    set: (next) => {
      fates = next
    },
    onEngine: (event) => {
      // The first message ever: engines of the 5.x line tell no cursor, so nobody could miss what comes before it.
      if (event._tag === "Row" && event.state === "queued") live = cursorOf(event.agent) > 0
      else if (event._tag === "FrameOut") live = false
    },
    decide: ({ to, type }) =>
      fates === undefined ? "deliver" : to === "node" ? toNode(fates, type) : toEngine(fates, type)
  }
}

export const applyFault = (o: {
  readonly fault: Fault
  readonly engine: FakeEngineService
  readonly fates: FrameFate
  readonly store: SimStore
  readonly now: () => number
  readonly endSilence: () => void
  readonly note: (what: string) => void
}): Effect.Effect<void> => {
  const { fates, fault, note } = o
  const { faults } = o.engine
  const during = (millis: number, begin: () => void, end: () => void) =>
    Effect.sync(begin).pipe(
      Effect.zipRight(pass(millis)),
      Effect.zipRight(Effect.sync(end)),
      Effect.zipRight(Effect.sync(() => note(`fault over: ${fault.kind}`)))
    )
  switch (fault.kind) {
    case "drop":
      return Effect.sync(() =>
        faults.dropSockets({
          node: nodeName,
          reason: fault.reason,
          ...(fault.code === undefined ? {} : { code: fault.code })
        })
      )
    case "silence":
      return during(
        fault.forMillis,
        () => faults.goSilent({ pongs: fault.pongs }),
        // What was not sent is gone, so the connection is, too: TCP does not lose a part and go on.
        () => o.endSilence()
      )
    case "slow replies":
      return during(
        fault.forMillis,
        () => faults.delayReplies(fault.byMillis),
        () => faults.delayReplies(0)
      )
    case "slow replays":
      return during(
        fault.forMillis,
        () => faults.delayReplays(fault.byMillis),
        () => faults.delayReplays(0)
      )
    case "frames":
      return during(
        fault.forMillis,
        () => {
          fates.set(fault.fates)
          faults.onFrame(fates.decide)
        },
        () => {
          fates.set(undefined)
          faults.onFrame(undefined)
        }
      )
    case "twice":
      return during(
        fault.forMillis,
        () => faults.duplicateDeliveries(true),
        () => faults.duplicateDeliveries(false)
      )
    case "hold":
      return during(
        fault.forMillis,
        () => faults.holdReplies(...fault.types),
        () => faults.releaseReplies()
      )
    case "upgrades":
      return Effect.sync(() => {
        faults.refuseUpgrades(fault.count, fault.status, fault.status === 429 ? { retryAfter: 7 } : {})
        if (fault.drop) faults.dropSockets({ node: nodeName })
      })
    case "http":
      return Effect.sync(() => {
        const retry = fault.retryAfter === undefined ? {} : { retryAfter: fault.retryAfter }
        if (fault.how === "refuse") faults.refuseHttp("*", fault.count, fault.status, `http_${fault.status}`, retry)
        else if (fault.how === "lose") faults.loseHttpAnswers("*", fault.count)
        else if (fault.how === "hang") faults.hangHttp("*", fault.count)
        else faults.delayHttp("*", fault.status * 20, fault.count)
      })
    case "down":
      return during(
        fault.forMillis,
        () => faults.goDown(),
        () => faults.comeBack()
      )
    case "token":
      return Effect.sync(() => {
        if (o.engine.node(nodeName) === undefined) return
        faults.invalidateNodeToken(nodeName)
        if (fault.drop) faults.dropSockets({ node: nodeName })
      })
    case "reject":
      return Effect.sync(() => {
        // A conflict names one of the agents that the frame is about.
        const [agent] = o.engine.node(nodeName)?.agents ?? []
        const conflict = fault.code === "agent_location_conflict" && agent !== undefined
        const message = conflict ? `Agent "${agent}" already has an active location` : fault.code
        faults.rejectNext(fault.type, conflict ? fault.code : "node_control_failed", message, fault.count)
      })
    case "forget deregister":
      return during(
        fault.forMillis,
        () => faults.onFrame(({ to, type }) => (to === "engine" && type === "agent.deregister" ? "lose" : "deliver")),
        () => faults.onFrame(undefined)
      )
    case "slow disk":
      return during(
        fault.forMillis,
        () => o.store.slow(fault.byMillis),
        () => o.store.slow(0)
      )
    case "broken disk":
      return Effect.sync(() => o.store.break(o.now()))
  }
}
