/** Each watchdog bites a peer that is gone, and has a control: a peer that only looks like it. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { AgentId, AgentName } from "../../src/domain/Ids.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { makeNodeRig, type NodeRigOptions } from "../support/nodeRig.ts"
import { makeSleepyClock } from "../support/sleepyClock.ts"

const rig = (o: NodeRigOptions = {}) =>
  Effect.map(makeNodeRig(o), ({ context, engine }) => ({
    engine,
    node: Context.get(context, NodeControl),
    alerts: Context.get(context, Alerts)
  }))

const stateOf = (node: NodeControl["Type"]) => Effect.map(node.view, ({ state }) => state._tag)
const sessionsOf = (node: NodeControl["Type"]) => Effect.map(node.view, ({ sessions }) => sessions)
const firstReason = (node: NodeControl["Type"]) =>
  Effect.map(node.view, ({ history }) => history.find(({ event }) => event === "Failed")?.reason ?? "none")

describe("a silent peer", () => {
  it.scoped("that takes our frames and never says anything, pongs included, is left within a minute", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig()
      yield* TestClock.adjust("3 minutes")
      engine.faults.goSilent()
      yield* TestClock.adjust("1 minute")
      assert.match(yield* firstReason(node), /^link_lost: .*silent for \d+ s/)
      engine.faults.heal()
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* stateOf(node), "Ready")
    })
  )

  it.scoped("control: a healthy engine with nothing to say is kept", () =>
    Effect.gen(function* () {
      const { alerts, node } = yield* rig()
      yield* TestClock.adjust("30 minutes")
      assert.strictEqual(yield* sessionsOf(node), 1)
      assert.deepStrictEqual(yield* alerts.list, [])
    })
  )

  it.scoped("control: silence for 36 s is none", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig()
      yield* TestClock.adjust("1 minute")
      engine.faults.goSilent()
      yield* TestClock.adjust("30 seconds")
      engine.faults.unsilence()
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* sessionsOf(node), 1)
    })
  )
})

describe("a peer that answers pings and no longer our frames", () => {
  it.scoped("is left within 3 min, whenever it began", () =>
    Effect.gen(function* () {
      for (const begin of ["61 seconds", "90 seconds", "119 seconds"] as const) {
        const { engine, node } = yield* rig()
        yield* TestClock.adjust(begin)
        engine.faults.goSilent({ pongs: true })
        yield* TestClock.adjust("3 minutes")
        assert.strictEqual(yield* firstReason(node), "link_lost: node socket lost: two inventories were not answered")
      }
    })
  )

  it.scoped("control: answers that take 29 s are answers", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig()
      yield* TestClock.adjust("1 minute")
      engine.faults.delayReplies("29 seconds")
      yield* TestClock.adjust("15 minutes")
      assert.strictEqual(yield* sessionsOf(node), 1)
    })
  )

  it.scoped("control: one unanswered inventory, and then one that is refused, are no reason", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig()
      yield* TestClock.adjust("55 seconds")
      engine.faults.holdReplies("inventory.sync")
      yield* TestClock.adjust("35 seconds")
      engine.faults.releaseReplies()
      engine.faults.rejectNext("inventory.sync", "node_control_failed", "busy")
      yield* TestClock.adjust("15 minutes")
      assert.strictEqual(yield* sessionsOf(node), 1)
    })
  )
})

describe("a peer that does not read", () => {
  /** Its socket takes nothing more once `stuck` is set; pongs of earlier pings still come in. */
  const makeStuck = () => {
    const script = { stuck: false }
    const o: NodeRigOptions = {
      onConnect: (connection) => ({
        ...connection,
        send: (text) => Effect.suspend(() => (script.stuck ? Effect.never : connection.send(text)))
      })
    }
    return { script, o }
  }

  it.scoped("is left within a minute although bytes keep coming in", () =>
    Effect.gen(function* () {
      const { o, script } = makeStuck()
      const { node } = yield* rig(o)
      yield* TestClock.adjust("2 minutes")
      script.stuck = true
      yield* TestClock.adjust("50 seconds")
      assert.match(yield* firstReason(node), /does not read: a frame waited \d+ s/)
      script.stuck = false
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* stateOf(node), "Ready")
    })
  )

  it.scoped("control: a peer that stalls for 25 s and goes on is kept", () =>
    Effect.gen(function* () {
      const delayed: NodeRigOptions = {
        onConnect: (connection) => ({
          ...connection,
          send: (text) =>
            text.includes("node.heartbeat") ? Effect.delay(connection.send(text), "25 seconds") : connection.send(text)
        })
      }
      const { node } = yield* rig(delayed)
      yield* TestClock.adjust("15 minutes")
      assert.strictEqual(yield* sessionsOf(node), 1)
    })
  )

  it.scoped("fails whoever waits for the write", () =>
    Effect.gen(function* () {
      const { o, script } = makeStuck()
      const { node } = yield* rig(o)
      yield* TestClock.adjust("1 second")
      script.stuck = true
      const waiting = yield* Effect.fork(
        Effect.flip(node.ack({ agent: AgentName.make("w1"), agentId: AgentId.make("1"), upToSeq: 1 }))
      )
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* waiting)._tag, "LinkLost")
    })
  )
})

describe("a machine that slept", () => {
  const sleepy = (o: NodeRigOptions = {}) =>
    Effect.flatMap(makeSleepyClock, ({ clock, sleep }) =>
      Effect.map(Effect.withClock(rig(o), clock), (made) => ({ ...made, sleep }))
    )

  it.scoped("for less than the engine's patience keeps its session", () =>
    Effect.gen(function* () {
      const { node, sleep } = yield* sleepy()
      yield* TestClock.adjust("2 minutes")
      sleep(44_000)
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* sessionsOf(node), 1)
    })
  )

  it.scoped("for longer begins a new session at once", () =>
    Effect.gen(function* () {
      const { node, sleep } = yield* sleepy()
      yield* TestClock.adjust("2 minutes")
      sleep(3_600_000)
      yield* TestClock.adjust("6 seconds")
      assert.strictEqual(yield* sessionsOf(node), 2)
      assert.match(yield* firstReason(node), /woke up after 3\d{3} s/)
    })
  )

  it.scoped("does not sit out a wait that the sleep made pointless, nor raise an alert for it", () =>
    Effect.gen(function* () {
      const { alerts, engine, node, sleep } = yield* sleepy()
      yield* TestClock.adjust("1 second")
      engine.faults.goDown()
      yield* TestClock.adjust("25 seconds")
      engine.faults.comeBack()
      sleep(3_600_000)
      yield* TestClock.adjust("6 seconds")
      assert.strictEqual(yield* stateOf(node), "Ready")
      assert.deepStrictEqual(yield* alerts.list, [])
    })
  )

  it.scoped("keeps to the five minutes between mints", () =>
    Effect.gen(function* () {
      const { engine, node, sleep } = yield* sleepy()
      engine.faults.refuseUpgrades(1_000, 401)
      yield* TestClock.adjust("2 minutes")
      const mints = () =>
        engine.observations.httpRequests.filter(({ method, path }) => method === "POST" && path === "/v1/nodes").length
      assert.strictEqual(mints(), 6)
      sleep(60_000)
      yield* TestClock.adjust("6 seconds")
      assert.strictEqual(mints(), 6)
      sleep(300_000)
      yield* TestClock.adjust("6 seconds")
      assert.strictEqual(mints(), 7)
      assert.strictEqual(yield* stateOf(node), "Waiting")
    })
  )
})
