/** The owner lease of an ephemeral broker: 120 s. Real time, so both halves run side by side. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { makeEngine, program, startBroker, temporaryHome } from "../e2e/rig.ts"
import { environmentOf, ours, promise, spawnClient } from "./rig.ts"

describe.concurrent("the owner lease", () => {
  it.scopedLive(
    "a broker that nobody renews ends by itself after two minutes, in order",
    () =>
      Effect.gen(function* () {
        const { baseUrl, engine } = yield* makeEngine()
        const home = yield* temporaryHome
        const broker = yield* startBroker({ program, home, engineUrl: baseUrl, workspaceKey: engine.key() })
        const started = Date.now()
        assert.deepStrictEqual(yield* broker.exited, { code: 0, signal: null })
        const seconds = (Date.now() - started) / 1_000
        assert.isAbove(seconds, 115)
        assert.isBelow(seconds, 135)
      }),
    150_000
  )

  it.scopedLive(
    "a client that owns its broker renews it every minute, and it stays",
    () =>
      Effect.gen(function* () {
        const { baseUrl, engine } = yield* makeEngine()
        const home = yield* temporaryHome
        const { client } = yield* spawnClient(ours, { cwd: home, env: environmentOf(home, baseUrl, engine.key()) })
        const exits: Array<unknown> = []
        client.onBrokerExit((info) => void exits.push(info))
        yield* Effect.sleep("137 seconds")
        assert.deepStrictEqual(exits, [])
        assert.strictEqual((yield* promise(() => client.getSession())).mode, "ephemeral")
      }),
    180_000
  )
})
