import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Actions, AgentName, brokerLayer, HeadlessScreen, NodePty } from "relay-broker"
import { FakeEngine } from "relay-broker/testing"

const home = mkdtempSync(join(tmpdir(), "relay-broker-compose-"))

// A whole broker against an engine in memory: no account, no port, real terminals.
const TestBroker = Layer.unwrapEffect(
  Effect.map(FakeEngine, (engine) =>
    brokerLayer({
      instanceName: "test",
      directory: home,
      dataDir: home,
      engineUrl: "http://engine.test",
      workspaceKey: Redacted.make(engine.key()),
      env: process.env
    })
  )
).pipe(Layer.provideMerge(FakeEngine.layer()), Layer.provide([NodePty.layer, HeadlessScreen.layer]))

it.live("a message reaches the agent and is acked", () =>
  Effect.gen(function* () {
    const engine = yield* FakeEngine
    const actions = yield* Actions
    const spec = { name: AgentName.make("worker"), cli: "cat", args: [], channels: [], cwd: home }
    yield* actions.spawn({ spec, source: "http_api" })

    yield* engine.registerAgent("alice")
    yield* engine.send({ from: "alice", to: "worker", text: "hello" })
    yield* engine.awaitAck("worker", 1)

    assert.deepStrictEqual(engine.observations.rejectedFrames, [])
  }).pipe(Effect.provide(TestBroker))
)
