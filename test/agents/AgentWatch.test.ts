/** What people are told of agents: who needs them, what is not proven, who ended. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { AgentWatch } from "../../src/agents/AgentWatch.ts"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { AgentName, DeliveryId, MessageId } from "../../src/domain/Ids.ts"
import type { BrokerEvent } from "../../src/events/Event.ts"
import { Events } from "../../src/events/Events.ts"
import { settle } from "../workers/rig.ts"

const layer = AgentWatch.layer.pipe(Layer.provideMerge(Alerts.layer), Layer.provideMerge(Events.layer))
const name = AgentName.make("w1")
const step = { name, delivery_id: DeliveryId.make("d1"), event_id: MessageId.make("m1") }
const lines = ["  Log in to go on"]

const asks: BrokerEvent = { kind: "agent_needs_person", name, what: "login", detail: null, lines }
const answered: BrokerEvent = { kind: "agent_person_answered", name, what: "login" }
const unproven: BrokerEvent = { kind: "delivery_unproven", ...step, reason: "nothing was said", lines, timestamp: 1 }
const ended: BrokerEvent = { kind: "agent_exited", name, code: 3, signal: null, reason: "child_exited", lines }
const restarting: BrokerEvent = {
  ...{ kind: "agent_restarting", name, code: 3, signal: null },
  restart_count: 1,
  delay_ms: 1
}
const released: BrokerEvent = { kind: "agent_released", name }

/** The codes that are raised after these events, and who is listed as ended. */
const toldAfter = (...events: ReadonlyArray<BrokerEvent>) =>
  Effect.gen(function* () {
    const { publish } = yield* Events
    yield* Effect.forEach(events, publish, { discard: true })
    yield* settle
    return {
      codes: (yield* (yield* Alerts).list).map(({ code }) => code),
      exited: (yield* (yield* AgentWatch).exited).map(({ exitCode }) => exitCode)
    }
  }).pipe(Effect.provide(Layer.fresh(layer)))

describe("the watch over agents", () => {
  it.effect("who needs a person is an alert with what the screen shows, until it is answered", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* toldAfter(asks)).codes, ["AgentNeedsPerson"])
      assert.deepStrictEqual((yield* toldAfter(asks, answered)).codes, [])
      assert.deepStrictEqual((yield* toldAfter(asks, released)).codes, [])
    })
  )

  it.effect(
    "what is not proven is an alert until it is proven, settled or given up; another one's proof ends nothing",
    () =>
      Effect.gen(function* () {
        const verified: BrokerEvent = {
          ...{ kind: "delivery_verified", ...step, verification: "echo", reason: null },
          evidence: "taken_with_text",
          channel: "hooks"
        }
        assert.deepStrictEqual((yield* toldAfter(unproven)).codes, ["DeliveryUnproven"])
        assert.deepStrictEqual((yield* toldAfter(unproven, verified)).codes, [])
        assert.deepStrictEqual(
          (yield* toldAfter(unproven, { kind: "delivery_settled", ...step, how: "retried" })).codes,
          []
        )
        assert.deepStrictEqual(
          (yield* toldAfter(unproven, { ...verified, delivery_id: DeliveryId.make("d2") })).codes,
          ["DeliveryUnproven"]
        )
      })
  )

  it.effect("who ended by itself is listed with an alert, unless it is started again, spawned or released", () =>
    Effect.gen(function* () {
      const spawned: BrokerEvent = {
        ...{ kind: "agent_spawned", name, runtime: "pty", provider: null, cli: "claude", model: null },
        ...{ sessionId: null, pid: 1, source: "http_api", pre_registered: true, registration_warning: null }
      }
      assert.deepStrictEqual(yield* toldAfter(spawned, asks, ended), { codes: ["AgentExited"], exited: [3] })
      for (const next of [restarting, spawned, released]) {
        assert.deepStrictEqual(yield* toldAfter(ended, next), { codes: [], exited: [] })
      }
    })
  )
})
