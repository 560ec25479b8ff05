import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as fc from "fast-check"
import { Actions } from "../../src/agents/Actions.ts"
import * as Services from "../../src/broker/Services.ts"
import { Deliveries } from "../../src/delivery/Deliveries.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { FakeEngine } from "../../src/testing/FakeEngine.ts"
import { FakePty } from "../../src/testing/FakePty.ts"
import { FakeScreen } from "../../src/testing/FakeScreen.ts"
import { publishedOutbound } from "../support/publishedSchemas.ts"
import { until } from "../support/until.ts"

const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, "", 0, -1, 1.5, 2 ** 53, Number.MAX_SAFE_INTEGER, true, [], {}, "x".repeat(100_000)),
  fc.jsonValue({ maxDepth: 3 })
)

/** A `deliver` of the agent with some fields replaced by anything, left out, or joined by others. */
const mutated = (agentId: string) =>
  fc
    .record(
      {
        v: odd,
        delivery_id: fc.oneof(fc.string(), odd),
        msg_id: odd,
        agent_id: fc.oneof({ weight: 5, arbitrary: fc.constant<unknown>(agentId) }, { weight: 1, arbitrary: odd }),
        agent: fc.oneof({ weight: 5, arbitrary: fc.constant<unknown>("w1") }, { weight: 1, arbitrary: odd }),
        seq: odd,
        mode: odd,
        payload: fc.oneof(
          odd,
          fc.record({ type: fc.oneof(fc.constantFrom("dm.received", "message.read", "later.kind"), odd), data: odd })
        ),
        extra: odd
      },
      { requiredKeys: [] }
    )
    .map((fields) => ({ v: 1, type: "deliver", ...fields }))

const texts = fc.oneof(
  fc.string(),
  fc.constantFrom("", "null", "[]", "{", '{"type":"deliver"', '"deliver"', "\u0000", "{}")
)

it.scopedLive("whatever the engine sends, the session stays up, nothing throws, and the agent is still reached", () =>
  Effect.gen(function* () {
    const home = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-fuzz-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    )
    const engine = yield* FakeEngine.make({ validateFrame: publishedOutbound })
    const context = yield* Layer.build(
      Services.layer({
        instanceName: "fuzz",
        directory: home,
        dataDir: home,
        engineUrl: "http://engine.test",
        workspaceKey: Redacted.make(engine.key()),
        env: {}
      }).pipe(
        Layer.provideMerge(
          Layer.mergeAll(engine.httpClientLayer, engine.nodeLinkLayer, FakePty.layer, FakeScreen.layer)
        )
      )
    )
    const node = Context.get(context, NodeControl)
    yield* Context.get(context, FakePty).program("program", (process) =>
      process.onWrite((text) => process.emit(text)).pipe(Effect.zipRight(process.emit("> ")))
    )
    yield* node.awaitReady(5_000)
    yield* Context.get(context, Actions).spawn({
      source: "http_api",
      spec: { name: AgentName.make("w1"), cli: "program", args: [], channels: [], cwd: "/" }
    })
    const agentId = engine.agent("w1")!.id
    const { name } = yield* engine.awaitNode()

    const frames = fc.sample(mutated(agentId), { numRuns: 400, seed: 7 })
    const garbage = fc.sample(texts, { numRuns: 100, seed: 7 })
    for (const frame of frames) yield* engine.sendRaw(name, frame)
    for (const text of garbage) yield* engine.sendRaw(name, text)
    yield* engine.sendRaw(name, {
      v: 1,
      type: "deliver",
      agent_id: agentId,
      agent: "w1",
      seq: 0,
      delivery_id: "evt_last",
      msg_id: "m_last",
      payload: { type: "dm.received", data: { text: "the last word" } }
    })
    const { writes } = yield* Context.get(context, FakePty).next
    yield* until(() => writes.join("").includes("the last word"))

    const view = yield* node.view
    assert.strictEqual(view.state._tag, "Ready")
    assert.strictEqual(view.sessions, 1)
    assert.isAbove(view.malformedFrames, 100)
    const letters = yield* Context.get(context, Deliveries).deadLetters
    assert.isTrue(letters.some(({ reason }) => reason === "undecodable"))
    assert.deepStrictEqual(engine.observations.rejectedFrames, [])
  })
)
