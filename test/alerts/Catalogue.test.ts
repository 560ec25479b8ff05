/**
 * Every alert of the catalogue, caused for real and healed for real: through the public services, with an engine and
 * terminals in memory and a real database, on virtual time. None may be missing.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Actions } from "../../src/agents/Actions.ts"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { type AlertCode, alertCodes, textOf } from "../../src/alerts/Catalogue.ts"
import { keepAlerts } from "../../src/alerts/keepAlerts.ts"
import * as Services from "../../src/broker/Services.ts"
import { Deliveries } from "../../src/delivery/Deliveries.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import { Events } from "../../src/events/Events.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { NodeTokens } from "../../src/node/NodeTokens.ts"
import { MemoryStore } from "../../src/store/MemoryStore.ts"
import { SqliteStore } from "../../src/store/SqliteStore.ts"
import { Store } from "../../src/store/Store.ts"
import { FakeEngine } from "../../src/testing/FakeEngine.ts"
import type { FakeProcess } from "../../src/testing/FakePty.ts"
import { delivery } from "../store/data.ts"
import { eventually, makeDriver, sqliteError, temporaryDirectory, turn } from "../store/rig.ts"
import { makeNodeRig, nodeId } from "../support/nodeRig.ts"
import { wholeBroker } from "../support/wholeBroker.ts"

const expectRaised = (alerts: Alerts["Type"], code: AlertCode, subject: string) =>
  Effect.map(alerts.list, (list) => {
    const found = list.find((alert) => alert.code === code)
    assert.isDefined(found, `${code} is not raised; raised: ${list.map((alert) => alert.code).join()}`)
    assert.strictEqual(found?.subject, subject)
    assert.strictEqual(found?.severity, textOf(code).severity)
  })

const expectGone = (alerts: Alerts["Type"], code: AlertCode, how = "resolved") =>
  Effect.gen(function* () {
    assert.notInclude(
      (yield* alerts.list).map((alert) => alert.code),
      code
    )
    const [last] = (yield* alerts.history).filter((alert) => alert.code === code)
    assert.strictEqual(last?.resolution, how)
  })

type Engine = FakeEngine["Type"]

interface NodeCase {
  readonly break: (engine: Engine) => void
  /** How long it takes to be raised, and after the healing to be resolved. */
  readonly wait: `${number} seconds`
}

const dropping = (break_: (engine: Engine) => void) => (engine: Engine) => {
  break_(engine)
  engine.faults.dropSockets()
}
const expired = JSON.stringify({ ok: false, error: { code: "workspace_expired", message: "gone" } })
/** At the mint, which a token that nobody knows any more makes necessary. */
const atMint = (status: number, code: string) =>
  dropping((engine) => {
    engine.faults.refuseHttp("POST /v1/nodes", 1_000, status, code)
    engine.faults.invalidateNodeToken("rig")
  })

/** The node is ready, then this happens, then it ends. */
const nodeCases: { readonly [code in AlertCode]?: NodeCase } = {
  Unauthorized: { break: dropping((engine) => engine.faults.refuseUpgrades(2, 401)), wait: "1 seconds" },
  NodeTokenRejected: { break: dropping((engine) => engine.faults.refuseUpgrades(1_000, 401)), wait: "300 seconds" },
  NodeTokenMissing: { break: atMint(422, "bad_request"), wait: "30 seconds" },
  TokenProofRequired: { break: atMint(409, "node_token_proof_required"), wait: "300 seconds" },
  WorkspaceKeyRejected: { break: atMint(401, "unauthorized"), wait: "120 seconds" },
  WorkspaceExpired: {
    break: dropping((engine) => engine.faults.refuseUpgrades(1_000, 401, { body: expired })),
    wait: "300 seconds"
  },
  NodeForbidden: { break: dropping((engine) => engine.faults.refuseUpgrades(1_000, 403)), wait: "30 seconds" },
  NodeSuperseded: {
    break: (engine) => engine.faults.dropSockets({ code: 1000, reason: "superseded" }),
    wait: "60 seconds"
  },
  NodeIdMismatch: {
    break: dropping((engine) => engine.faults.rejectNext("node.register", "node_id_mismatch", "no", 1_000)),
    wait: "300 seconds"
  },
  NodeNameConflict: {
    break: dropping((engine) => engine.faults.rejectNext("node.register", "node_name_conflict", "no", 1_000)),
    wait: "300 seconds"
  },
  EngineUnavailable: { break: (engine) => engine.faults.goDown(), wait: "60 seconds" },
  LinkLost: { break: dropping((engine) => engine.faults.holdReplies("node.register")), wait: "60 seconds" },
  RateLimited: {
    break: dropping((engine) => engine.faults.refuseUpgrades(1_000, 429, { retryAfter: 5 })),
    wait: "60 seconds"
  },
  EngineRejected: { break: dropping((engine) => engine.faults.refuseUpgrades(1_000, 404)), wait: "60 seconds" }
}
const afterThirtySeconds: ReadonlyArray<AlertCode> = ["EngineUnavailable", "LinkLost", "RateLimited"]

describe("alerts of the node session", () => {
  it.scoped.each(Object.entries(nodeCases))("%s", ([name, { break: break_, wait }]) =>
    Effect.gen(function* () {
      const code = name as AlertCode
      const { context, engine } = yield* makeNodeRig()
      const alerts = Context.get(context, Alerts)
      yield* TestClock.adjust("2 minutes")
      yield* Context.get(context, NodeControl).awaitReady(0)
      break_(engine)
      if (afterThirtySeconds.includes(code)) {
        yield* TestClock.adjust("29 seconds")
        assert.deepStrictEqual(yield* alerts.list, [])
      }
      yield* TestClock.adjust(code === "NodeSuperseded" ? "1 seconds" : wait)
      yield* expectRaised(alerts, code, nodeId)
      engine.faults.heal()
      yield* TestClock.adjust("300 seconds")
      yield* Context.get(context, NodeControl).awaitReady(0)
      yield* expectGone(alerts, code)
    })
  )
})

const makeBroker = Effect.gen(function* () {
  const { context, engine, pty } = yield* wholeBroker
  // Files are read on the way: the test's clock has no say in that.
  yield* Context.get(context, NodeControl).awaitReady(1_000)
  yield* engine.registerAgent("alice")
  const actions = Context.get(context, Actions)
  const spawn = (name: string, cli = "program") =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(
        Effect.either(
          actions.spawn({
            source: "http_api",
            spec: { name: AgentName.make(name), cli, args: [], channels: ["general"], cwd: "/" }
          })
        )
      )
      while (Option.isNone(yield* Fiber.poll(fiber))) {
        yield* turn
        yield* TestClock.adjust("500 millis")
      }
      return yield* fiber
    })
  const node = () => engine.nodes()[0]?.name ?? ""
  return {
    engine,
    node,
    pty,
    spawn,
    alerts: Context.get(context, Alerts),
    deliveries: Context.get(context, Deliveries)
  }
})

type BrokerRig = Effect.Effect.Success<typeof makeBroker>

interface BrokerCase {
  readonly subject: string
  readonly break: (rig: BrokerRig) => Effect.Effect<unknown, unknown>
  readonly heal: (rig: BrokerRig) => Effect.Effect<unknown, unknown>
}

const spawnAgain = ({ engine, spawn }: BrokerRig) =>
  Effect.suspend(() => {
    engine.faults.heal()
    return spawn("w1")
  })

const purge = ({ deliveries }: BrokerRig) => deliveries.purgeDeadLetters(undefined)

/** A frame that only an engine of another version would send. */
const strange = (rig: BrokerRig, frame: object) =>
  rig.engine.sendRaw(rig.node(), { v: 1, ...frame }).pipe(Effect.zipRight(TestClock.adjust("3 seconds")))

const brokerCases: { readonly [code in AlertCode]?: BrokerCase } = {
  SpawnFailed: {
    subject: "w1",
    break: ({ pty, spawn }) =>
      pty.program("broken", (process) => process.exit({ exitCode: 3 })).pipe(Effect.zipRight(spawn("w1", "broken"))),
    heal: spawnAgain
  },
  AgentLocationConflict: {
    subject: "w1",
    break: ({ engine, spawn }) => {
      engine.faults.rejectNext("agent.register", "agent_location_conflict", 'Agent "w1" already has a location')
      return spawn("w1")
    },
    heal: spawnAgain
  },
  BindFailed: {
    subject: "w1",
    break: ({ engine, spawn }) => {
      engine.faults.holdReplies("agent.register")
      engine.faults.refuseHttp("POST /v1/nodes/:name/agents", 100, 403, "forbidden")
      return spawn("w1")
    },
    heal: spawnAgain
  },
  UnknownWorker: {
    subject: "w1",
    break: (rig) =>
      strange(rig, {
        type: "deliver",
        delivery_id: "d1",
        agent: "w1",
        agent_id: "a1",
        msg_id: "m1",
        seq: 1,
        payload: { type: "message.created", message: { id: "m1", text: "hello", agent_name: "alice" } }
      }),
    heal: spawnAgain
  },
  DeliveryStuck: {
    subject: "w1",
    break: ({ engine, pty, spawn }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        const process = yield* pty.next
        yield* process.stopReading
        yield* engine.send({ from: "alice", to: "w1", text: "are you there?" })
        yield* TestClock.adjust("5 minutes")
        stuck = process
        yield* TestClock.adjust("2 minutes")
      }),
    heal: () => stuck!.readAgain.pipe(Effect.zipRight(TestClock.adjust("20 seconds")))
  },
  DeliveryDead: {
    subject: "w1",
    break: ({ engine, pty, spawn }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        const process = yield* pty.next
        yield* process.stopReading
        yield* engine.send({ from: "alice", to: "w1", text: "too late" })
        yield* TestClock.adjust("3 seconds")
        yield* process.exit({ exitCode: 1 })
        yield* TestClock.adjust("10 seconds")
      }),
    heal: purge
  },
  Undecodable: {
    subject: "w1",
    break: (rig) =>
      rig
        .spawn("w1")
        .pipe(
          Effect.zipRight(
            strange(rig, { type: "deliver", agent: "w1", agent_id: rig.engine.agent("w1")?.id, seq: 1, delivery_id: 7 })
          )
        ),
    heal: purge
  }
}
let stuck: FakeProcess | undefined

describe("alerts about agents", () => {
  it.scoped.each(Object.entries(brokerCases))("%s", ([name, { break: break_, heal, subject }]) =>
    Effect.gen(function* () {
      const code = name as AlertCode
      const rig = yield* makeBroker
      yield* break_(rig)
      yield* expectRaised(rig.alerts, code, subject)
      yield* heal(rig)
      yield* TestClock.adjust("1 seconds")
      yield* expectGone(rig.alerts, code)
    })
  )
})

/** What nothing disproves: raised in one run, still there in the next, gone when it has not happened for 24 h. */
const expiringCases: {
  readonly [code in AlertCode]?: (engine: Engine, node: string) => Effect.Effect<unknown, unknown>
} = {
  UnknownFrame: (engine, node) => engine.sendRaw(node, { v: 1, type: "from.the.future" }),
  UnknownPayloadType: (engine) =>
    engine.event({ agent: "w1", type: "poll.opened", key: "poll", msgId: "m1", data: { id: "p1" } })
}

describe("alerts that only happened", () => {
  it.scoped.each(Object.entries(expiringCases))("%s", ([name, cause]) =>
    Effect.gen(function* () {
      const code = name as AlertCode
      const run = Effect.gen(function* () {
        const rig = yield* makeBroker
        yield* rig.spawn("w1")
        yield* cause(rig.engine, rig.node())
        yield* TestClock.adjust("3 seconds")
        return (yield* rig.alerts.list).find((each) => each.code === code)
      })
      const alert = yield* Effect.scoped(run)
      assert.isDefined(alert)
      // The next run, a day later.
      const memory = MemoryStore.make()
      const next = Effect.gen(function* () {
        const alerts = yield* Alerts
        yield* alerts.restore({ raised: [alert!], past: [] }, () => false)
        yield* TestClock.adjust("20 minutes")
        yield* expectRaised(alerts, code, alert!.subject)
        yield* TestClock.adjust("24 hours")
        yield* expectGone(alerts, code, "expired")
      })
      yield* next.pipe(
        Effect.provide(
          keepAlerts({ nodeId }).pipe(
            Layer.provideMerge(memory.layer),
            Layer.provideMerge(Alerts.layer),
            Layer.provide(Events.layer)
          )
        )
      )
    })
  )
})

const storeCases: { readonly [code in AlertCode]?: number } = { StoreFull: 13, StoreDamaged: 8 }

describe("alerts of the database", () => {
  it.scoped.each(Object.entries(storeCases))("%s", ([name, sqliteCode]) =>
    Effect.gen(function* () {
      const code = name as AlertCode
      const path = join(yield* temporaryDirectory, "broker.db")
      const { control, driver } = makeDriver()
      const context = yield* Layer.build(
        Layer.unwrapEffect(
          Effect.map(Alerts, (alerts) =>
            SqliteStore.layer({
              path,
              driver,
              report: ({ error, raised }) => (raised ? alerts.raise(error, path) : alerts.resolve(error._tag, path))
            })
          )
        ).pipe(Layer.provideMerge(Alerts.layer), Layer.provide(Events.layer))
      )
      const store = Context.get(context, Store)
      const alerts = Context.get(context, Alerts)
      control.fault = (sql) => (/^(INSERT|BEGIN|OPEN)/.test(sql) ? sqliteError(sqliteCode, "no") : undefined)
      yield* store.received(delivery({ id: "d1", seq: 1 }), { numbered: true, atMillis: 0 })
      yield* eventually(
        "raised",
        Effect.map(alerts.list, (list) => list.length > 0)
      )
      yield* expectRaised(alerts, code, path)
      control.fault = () => undefined
      yield* TestClock.adjust("10 seconds")
      yield* eventually(
        "resolved",
        Effect.map(alerts.list, (list) => list.length === 0)
      )
      yield* expectGone(alerts, code)
    })
  )
})

describe("alerts of files", () => {
  it.scoped("CacheUnwritable", () =>
    Effect.gen(function* () {
      const dataDir = yield* temporaryDirectory
      const blocked = join(dataDir, "agent-relay", "node-tokens")
      const engine = yield* FakeEngine.make()
      const context = yield* Layer.build(
        Services.identityLayer({
          instanceName: "test",
          directory: dataDir,
          dataDir,
          engineUrl: "http://engine.test",
          workspaceKey: Redacted.make(engine.key()),
          env: {},
          host: "rig"
        }).pipe(Layer.provide([engine.httpClientLayer]))
      )
      rmSync(blocked, { recursive: true, force: true })
      writeFileSync(blocked, "in the way")
      const tokens = yield* Layer.build(NodeTokens.layer({ dataDir })).pipe(
        Effect.map(Context.get(NodeTokens)),
        Effect.provide(context)
      )
      const alerts = Context.get(context, Alerts)
      yield* tokens.current
      yield* expectRaised(alerts, "CacheUnwritable", (yield* alerts.list)[0]?.subject ?? "")
      rmSync(blocked)
      yield* tokens.current
      yield* expectGone(alerts, "CacheUnwritable")
    })
  )
})

/** Need a process or a socket of their own: caused and healed where those are. */
const elsewhere: { readonly [code in AlertCode]?: string } = {
  AgentExited: "../agents/AgentWatch.test.ts",
  AgentNeedsPerson: "../agents/AgentWatch.test.ts",
  ApiExposed: "../api/security.test.ts",
  DeliveryUnproven: "../agents/AgentWatch.test.ts",
  InternalError: "../node/supervision.test.ts",
  SidecarDown: "../sidecar/Supervisor.test.ts",
  WorkspaceNotAttached: "../identity/attachLater.test.ts"
}

it("every alert of the catalogue is caused and healed by a test", () => {
  const here = [nodeCases, brokerCases, expiringCases, storeCases, { CacheUnwritable: true }].flatMap(Object.keys)
  assert.deepStrictEqual([...here, ...Object.keys(elsewhere)].sort(), [...alertCodes].sort())
  for (const [code, path] of Object.entries(elsewhere)) {
    assert.include(readFileSync(join(import.meta.dirname, path), "utf8"), code)
  }
})
