/** Two workspaces on one engine's socket, and the real program in both. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { makeEngine, program, startBroker, temporaryHome } from "./rig.ts"

const world = Effect.gen(function* () {
  const { baseUrl, engine } = yield* makeEngine()
  const second = yield* engine.createWorkspace("second")
  const home = yield* temporaryHome
  const list = [
    { api_key: engine.key(), workspace_alias: "main" },
    { api_key: second.key(), workspace_alias: "ops" },
    { api_key: "rk_live_00000000000000000000000000000000", workspace_alias: "gone" }
  ]
  const broker = yield* startBroker({
    program,
    home,
    engineUrl: baseUrl,
    env: { RELAY_WORKSPACES_JSON: JSON.stringify(list) }
  })
  yield* engine.awaitNode()
  return { broker, engine, second }
})

describe("RELAY_WORKSPACES_JSON", () => {
  it.scopedLive("status shows both; a send to the second lands there and nowhere else; an unknown one is 400", () =>
    Effect.gen(function* () {
      const { broker, engine, second } = yield* world
      yield* second.registerAgent("bob")
      yield* engine.registerAgent("bob")
      const status = (yield* broker.expect("GET", "/api/status")) as { readonly auth: Record<string, unknown> }
      assert.deepInclude(status.auth, { workspace_count: 2, default_workspace_id: engine.id })
      const config = (yield* broker.expect("GET", "/api/config")) as Record<string, unknown>
      assert.deepInclude(config, { defaultWorkspaceId: engine.id, workspaceKey: engine.key() })
      assert.deepStrictEqual(config["memberships"], [
        { workspace_id: engine.id, workspace_alias: "main", is_default: true },
        { workspace_id: second.id, workspace_alias: "ops", is_default: false }
      ])

      const sent = yield* broker.expect("POST", "/api/send", { to: "bob", text: "over there", workspaceAlias: "OPS" })
      assert.deepInclude(sent, {
        ...{ success: true, relaycast_published: true, local: false },
        ...{ workspace_id: second.id, workspace_alias: "ops" }
      })
      assert.strictEqual(second.mailbox("bob").length, 1)
      assert.strictEqual(engine.mailbox("bob").length, 0)
      const here = yield* broker.expect("POST", "/api/send", { to: "bob", text: "here" })
      assert.deepInclude(here, { workspace_id: engine.id, workspace_alias: "main" })
      assert.strictEqual(engine.mailbox("bob").length, 1)
      assert.strictEqual(second.mailbox("bob").length, 1)

      const unknown = yield* broker.call("POST", "/api/send", { to: "bob", text: "x", workspace_alias: "gone" })
      assert.strictEqual(unknown.status, 400)
      const { error } = unknown.body as { readonly error: string }
      assert.strictEqual(error, `workspace 'gone' is not attached; attached: ${engine.id} (main), ${second.id} (ops)`)
      const { alerts } = (yield* broker.expect("GET", "/api/alerts")) as { alerts: ReadonlyArray<object> }
      assert.strictEqual(alerts.length, 1)
      assert.deepInclude(alerts[0], { code: "WorkspaceNotAttached", severity: "error", subject: "gone" })
      assert.match(broker.stderr(), /membership 3 \(gone\) of RELAY_WORKSPACES_JSON is not attached/)
      for (const secret of [engine.key(), second.key()]) assert.notInclude(broker.stderr(), secret)
    })
  )

  it.scopedLive("an agent is told of both, and one with the name of a member elsewhere does not get its messages", () =>
    Effect.gen(function* () {
      const { broker, engine, second } = yield* world
      yield* second.registerAgent("w1")
      const print = "console.log('LIST=' + process.env.RELAY_WORKSPACES_JSON); setInterval(() => {}, 1000)"
      yield* broker.expect("POST", "/api/spawn", { name: "w1", cli: process.execPath, args: ["-e", print] })
      const look = Effect.map(broker.expect("GET", "/api/spawned/w1/snapshot?format=plain"), (answer) =>
        (answer as { readonly screen: string }).screen.replaceAll(/\s/g, "")
      )
      const screen = yield* look.pipe(
        Effect.repeat({ until: (text) => text.includes("]"), schedule: Schedule.spaced("50 millis") }),
        Effect.zipRight(look),
        Effect.timeout("10 seconds")
      )
      for (const key of [engine.key(), second.key()]) assert.include(screen, key)
      yield* broker.expect("POST", "/api/send", { to: "w1", text: "not for here", workspaceId: second.id })
      assert.strictEqual(second.mailbox("w1").length, 1)
      const { deliveries } = (yield* broker.expect("GET", "/api/deliveries?agent=w1")) as { deliveries: Array<unknown> }
      assert.deepStrictEqual(deliveries, [])
    })
  )
})
