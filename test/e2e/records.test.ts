import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { eventually, makeEngine, makeRecorder, makeWorld, program, root, startBroker, temporaryHome } from "./rig.ts"

interface Trace {
  readonly delivery_id: string
  readonly state: string
  readonly evidence: string | null
  readonly waiting: string | null
  readonly steps: ReadonlyArray<{ readonly step: string; readonly at_ms: number }>
}

const deliveriesOf = (answer: unknown) => (answer as { readonly deliveries: ReadonlyArray<Trace> }).deliveries

/** One engine and one home for several runs of a broker. */
const makeRuns = (o: { readonly program?: string } = {}) =>
  Effect.gen(function* () {
    const { baseUrl, engine } = yield* makeEngine()
    const home = yield* temporaryHome
    yield* engine.registerAgent("alice")
    const options = {
      program: o.program ?? program,
      home,
      engineUrl: baseUrl,
      workspaceKey: engine.key(),
      args: ["--persist"]
    }
    return { engine, options, recorder: makeRecorder(home) }
  })

describe("records", () => {
  it.scopedLive("a message can be traced by its id: every step with its time, and what it waits for", () =>
    Effect.gen(function* () {
      const { broker, engine, recorder } = yield* makeWorld()
      yield* broker.expect("POST", "/api/spawn", recorder.spec("w1"))
      const { messageId } = yield* engine.send({ from: "alice", to: "w1", text: "trace me" })
      yield* engine.awaitAck("w1", 1)
      const [trace] = deliveriesOf(yield* broker.expect("GET", `/api/deliveries/${messageId}`))
      assert.deepStrictEqual(
        trace?.steps.map(({ step }) => step),
        ["received", "typing", "submitted", "acked"]
      )
      const times = trace!.steps.map(({ at_ms }) => at_ms)
      assert.deepStrictEqual(
        times,
        [...times].sort((a, b) => a - b)
      )
      assert.strictEqual(trace?.state, "acked")
      assert.deepStrictEqual(
        deliveriesOf(yield* broker.expect("GET", `/api/deliveries/${trace!.delivery_id}`)).length,
        1
      )
      const missing = yield* broker.call("GET", "/api/deliveries/nothing")
      assert.deepInclude(missing, { status: 404 })
      const counters = (yield* broker.expect("GET", "/api/node-delivery")) as {
        readonly counters: { readonly received: number; readonly submitted: number }
      }
      assert.deepInclude(counters.counters, { received: 1, submitted: 1 })
    })
  )

  it.scopedLive("what waited for a released agent is a dead letter, and can be sent again to its successor", () =>
    Effect.gen(function* () {
      const { broker, engine, recorder } = yield* makeWorld()
      // A program that never becomes ready within the test: it prints and goes on printing.
      yield* broker.expect("POST", "/api/spawn", {
        name: "w1",
        cli: "sh",
        args: ["-c", "while :; do echo booting; sleep 0.05; done"]
      })
      yield* engine.send({ from: "alice", to: "w1", text: "never typed" })
      const waiting = yield* Effect.suspend(() => broker.expect("GET", "/api/deliveries?agent=w1")).pipe(
        Effect.map(deliveriesOf),
        Effect.repeat({ until: (found) => found.length === 1 })
      )
      assert.deepInclude(waiting[0], { state: "waiting", waiting: "not_ready" })
      yield* broker.expect("DELETE", "/api/spawned/w1")
      assert.strictEqual(engine.cursor("w1"), 1)
      const { dead_letters: letters } = (yield* broker.expect("GET", "/api/dead-letters")) as {
        readonly dead_letters: ReadonlyArray<{ readonly delivery_id: string; readonly reason: string }>
      }
      assert.deepStrictEqual(
        letters.map(({ reason }) => reason),
        ["agent_released"]
      )
      const { delivery_id: id } = letters[0]!
      assert.deepInclude(yield* broker.call("POST", `/api/dead-letters/${id}/redeliver`), { status: 404 })
      yield* broker.expect("POST", "/api/spawn", recorder.spec("w1"))
      const again = (yield* broker.expect("POST", `/api/dead-letters/${id}/redeliver`)) as {
        readonly delivery_id: string
      }
      assert.notStrictEqual(again.delivery_id, id)
      yield* eventually(() => recorder.text("w1").includes("never typed"), "the redelivered message")
      assert.deepInclude(yield* broker.expect("DELETE", "/api/dead-letters"), { purged: 1 })
    })
  )
})

describe("after a restart", () => {
  it.scopedLive(
    "agents of the last run are orphaned: their messages wait with an alert, and are typed when they are back",
    () =>
      Effect.gen(function* () {
        const { engine, options, recorder } = yield* makeRuns()
        const first = yield* Scope.make()
        const before = yield* Scope.extend(startBroker(options), first)
        yield* engine.awaitNode()
        yield* before.expect("POST", "/api/spawn", recorder.spec("w1"))
        yield* engine.send({ from: "alice", to: "w1", text: "read before." })
        yield* engine.awaitAck("w1", 1)
        yield* Scope.close(first, Exit.void)
        yield* engine.send({ from: "alice", to: "w1", text: "written meanwhile." })

        const broker = yield* startBroker(options)
        yield* engine.awaitNode()
        const alerts = Effect.map(broker.expect("GET", "/api/alerts"), (body) =>
          (body as { readonly alerts: ReadonlyArray<{ readonly code: string; readonly subject: string }> }).alerts.map(
            ({ code, subject }) => `${code} ${subject}`
          )
        )
        yield* alerts.pipe(Effect.repeat({ until: (codes) => codes.includes("UnknownWorker w1") }))
        assert.strictEqual(engine.cursor("w1"), 1)
        yield* broker.expect("POST", "/api/spawn", recorder.spec("w1"))
        yield* engine.awaitAck("w1", 2)
        assert.strictEqual(recorder.text("w1").split("read before.").length, 2)
        assert.strictEqual(recorder.text("w1").split("written meanwhile.").length, 2)
        assert.deepStrictEqual(yield* alerts, [])
      })
  )

  it.scopedLive(
    "an invocation that was being handled is answered truthfully, one that was answered the same again",
    () =>
      Effect.gen(function* () {
        const { engine, options, recorder } = yield* makeRuns({
          program: join(root, "dist", "test", "relay-broker.js")
        })
        const first = yield* startBroker({ ...options, env: { RELAY_TEST_CRASH_AT: "before:invocationAnswered:2" } })
        const node = yield* engine.awaitNode()
        const invoke = (id: string, name: string) =>
          engine.sendRaw(node.name, {
            v: 1,
            type: "action.invoke",
            invocation_id: id,
            action: "spawn",
            input: { ...recorder.spec(name), task: null }
          })
        const answerTo = (id: string, from: number) =>
          Effect.map(
            engine.observations.awaitFrame(
              ({ frame }) => frame?.type === "action.result" && frame.invocation_id === id,
              from
            ),
            ({ frame }) => frame
          )
        yield* invoke("inv_done", "w1")
        const done = yield* answerTo("inv_done", 0)
        assert.deepInclude(done, { output: { spawned: true, name: "w1" } })
        yield* invoke("inv_open", "w2")
        assert.deepInclude(yield* first.exited, { signal: "SIGKILL" })

        const from = engine.observations.frames.length
        yield* startBroker(options)
        yield* engine.observations.awaitFrame(({ frame }) => frame?.type === "node.register", from)
        yield* engine.observations.awaitFrame(({ frame }) => frame?.type === "node.heartbeat", from)
        yield* invoke("inv_done", "w1")
        yield* invoke("inv_open", "w2")
        assert.deepInclude(yield* answerTo("inv_done", from), { output: { spawned: true, name: "w1" } })
        assert.deepInclude(yield* answerTo("inv_open", from), {
          error: "spawn_failed: the broker restarted while it was running"
        })
      })
  )
})
