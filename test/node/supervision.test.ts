/** A bug in the node session is told, and does not end it. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import type { NodeConnection } from "../../src/node/NodeLink.ts"
import { makeNodeRig } from "../support/nodeRig.ts"

const bugs = (alerts: Alerts["Type"]) =>
  Effect.map(alerts.list, (raised) =>
    raised.filter(({ code }) => code === "InternalError").map(({ subject }) => subject)
  )

const rig = (onConnect: (connection: NodeConnection) => NodeConnection) =>
  Effect.map(makeNodeRig({ onConnect }), ({ context, engine }) => ({
    engine,
    node: Context.get(context, NodeControl),
    alerts: Context.get(context, Alerts)
  }))

/** A part of the first connection breaks on its `nth` use. */
const breaking = (part: "ping" | "send" | "taken", nth: number) => {
  let connections = 0
  let uses = 0
  return (connection: NodeConnection): NodeConnection => {
    connections += 1
    if (connections > 1) return connection
    const isTime = () => ++uses === nth
    const broken = new TypeError(`${part} is not a function`)
    switch (part) {
      case "ping":
        return { ...connection, ping: Effect.suspend(() => (isTime() ? Effect.die(broken) : connection.ping)) }
      case "send":
        return {
          ...connection,
          send: (text) => Effect.suspend(() => (isTime() ? Effect.die(broken) : connection.send(text)))
        }
      case "taken":
        return {
          ...connection,
          taken: (text) => {
            if (isTime()) throw broken
            connection.taken(text)
          }
        }
    }
  }
}

describe("a bug in the node session", () => {
  for (const [part, nth, where] of [
    ["ping", 2, "node session"],
    ["send", 3, "writing of frames"],
    ["taken", 1, "node session"]
  ] as const) {
    it.scoped(`(${part}) is an alert, and the session comes back by itself`, () =>
      Effect.gen(function* () {
        const { alerts, node } = yield* rig(breaking(part, nth))
        yield* TestClock.adjust("2 minutes")
        assert.deepStrictEqual(yield* bugs(alerts), [where])
        const { lost, state } = yield* node.view
        assert.strictEqual(state._tag, "Ready")
        assert.deepStrictEqual(lost, { link_lost: 1 })
      })
    )
  }

  it.scoped("is not seen where there is none", () =>
    Effect.gen(function* () {
      const { alerts, node } = yield* rig((connection) => connection)
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(yield* bugs(alerts), [])
      assert.deepStrictEqual((yield* node.view).lost, {})
    })
  )

  it.scoped("is not made by a frame that is nested too deeply", () =>
    Effect.gen(function* () {
      const deep = `{"type":"error","id":"x","code":${"[".repeat(3_000)}${"]".repeat(3_000)}}`
      let isSent = false
      const sendOnce = Effect.sync(() => {
        isSent = true
        return deep
      })
      const { alerts, node } = yield* rig((connection) => {
        const { inbound } = connection
        const take = Effect.suspend(() => (isSent ? inbound.take : sendOnce))
        return { ...connection, inbound: { ...inbound, take } }
      })
      yield* TestClock.adjust("2 minutes")
      const view = yield* node.view
      assert.strictEqual(view.state._tag, "Ready")
      assert.strictEqual(view.malformedFrames, 1)
      assert.deepStrictEqual(yield* bugs(alerts), [])
    })
  )
})
