/**
 * The state directory that 0.1.0 left when it was killed (fixtures/state/0.1.0), with rows of every kind open: this program starts
 * on a copy of it, loses nothing and types nothing twice. The engine and the agents' programs are the judges.
 */
import { cpSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { rewrite } from "../../fixtures/state/rewrite.ts"
import { eventually, makeEngine, makeRecorder, program, root, startBroker, temporaryHome } from "./rig.ts"

interface Row {
  readonly agent: string
  readonly deliveryId: string
  readonly msgId: string
  readonly seq: number
  readonly state: string
  readonly text: string
}

interface Manifest {
  readonly madeAtMillis: number
  readonly workspace: { readonly id: string }
  readonly alice: string
  readonly deadLetters: ReadonlyArray<string>
  readonly agents: ReadonlyArray<{ readonly name: string; readonly id: string; readonly cursor: number }>
  readonly rows: ReadonlyArray<Row>
}

const fixture = join(root, "fixtures", "state", "0.1.0")
const manifest = JSON.parse(readFileSync(join(fixture, "manifest.json"), "utf8")) as Manifest

/** The engine as it was when that broker was killed, and the home it left, which speaks of this engine and this machine. */
const makeStage = Effect.gen(function* () {
  const { baseUrl, engine } = yield* makeEngine()
  const home = yield* temporaryHome
  cpSync(join(fixture, "home"), home, { recursive: true })
  const names: Array<readonly [string, string]> = [
    ["/fixture/home", home],
    ["/fixture/root", root],
    ["/fixture/node", process.execPath],
    [manifest.workspace.id, engine.id],
    [manifest.alice, (yield* engine.registerAgent("alice")).id]
  ]
  for (const { cursor, id, name } of manifest.agents) {
    names.push([id, (yield* engine.registerAgent(name)).id])
    yield* engine.restartCount(name, cursor + 1)
    for (const row of manifest.rows.filter(({ agent, seq }) => agent === name && seq > cursor)) {
      yield* engine.send({ from: "alice", to: name, text: row.text })
      const now = engine.mailbox(name).find(({ seq }) => seq === row.seq)
      assert.strictEqual(now?.text, row.text)
      if (now !== undefined) names.push([row.deliveryId, now.deliveryId], [row.msgId, now.msgId])
    }
  }
  rewrite(home, names, Date.now() - manifest.madeAtMillis)
  const start = startBroker({
    program,
    home,
    engineUrl: baseUrl,
    workspaceKey: engine.key(),
    args: ["--persist", "--respawn", "--instance-name", "kept"]
  })
  return { engine, recorder: makeRecorder(home), start }
})

const times = (text: string, part: string) => text.split(part).length - 1

describe("a state directory of 0.1.0 with open rows", () => {
  it("has what it is there for", () => {
    const open = manifest.rows.filter(
      ({ agent, seq }) => seq > (manifest.agents.find((a) => a.name === agent)?.cursor ?? 0)
    )
    assert.deepStrictEqual(
      open.map(({ agent, text }) => [agent, text]),
      [
        ["w1", "the third of w1."],
        ["w2", "the first of w2."],
        ["w3", "the first of w3."],
        ["w3", "the second of w3."]
      ]
    )
  })

  it.scopedLive("is taken over: nothing is lost, and nothing comes twice", () =>
    Effect.gen(function* () {
      const { engine, recorder, start } = yield* makeStage
      const before = { w1: recorder.text("w1"), w2: recorder.text("w2") }
      assert.strictEqual(times(before.w2, "the first of w2."), 1, "submitted before the crash")
      assert.notInclude(before.w1, "the third of w1.")
      const broker = yield* start

      // Being typed, submitted and not acked, waiting (two of the engine, and one that is in no engine).
      yield* engine.awaitAck("w1", 3)
      yield* engine.awaitAck("w2", 1)
      yield* engine.awaitAck("w3", 2)
      yield* eventually(() => recorder.text("w3").includes("from this broker to w3."), "the local one of w3")
      const get = (path: string) => broker.expect("GET", path)
      // Who was live is back, and nobody else.
      const names = Effect.map(get("/api/spawned"), (body) =>
        (body as { readonly agents: ReadonlyArray<{ readonly name: string }> }).agents.map(({ name }) => name).sort()
      )
      const back = yield* Effect.repeat(names, { until: (found) => found.length >= 4 })
      assert.deepStrictEqual(back, ["w1", "w2", "w3", "w5"])
      const letters = (yield* get("/api/dead-letters")) as {
        readonly dead_letters: ReadonlyArray<{
          readonly delivery_id: string
          readonly name: string
          readonly reason: string
          readonly redelivered_as: string | null
        }>
      }
      assert.deepStrictEqual(
        letters.dead_letters.map(({ delivery_id, name, reason }) => [delivery_id, name, reason]),
        manifest.deadLetters.map((id) => [id, "gone", "agent_released"])
      )
      assert.strictEqual(letters.dead_letters.filter(({ redelivered_as }) => redelivered_as !== null).length, 1)
      assert.include(JSON.stringify(yield* get("/api/crash-insights")), "broken")

      // What the engine was not told of before is told now, and who lives is not touched by it.
      for (const name of ["broken", "stubborn", "undone"]) {
        yield* engine.observations.awaitFrame(({ frame }) => frame?.type === "agent.deregister" && frame.name === name)
      }

      const node = yield* engine.awaitNode()
      const invoke = (invocation_id: string, action: string, input: Record<string, unknown>) =>
        Effect.zipRight(
          engine.sendRaw(node.name, { v: 1, type: "action.invoke", invocation_id, action, input }),
          Effect.map(
            engine.observations.awaitFrame(
              ({ frame }) => frame?.type === "action.result" && frame.invocation_id === invocation_id
            ),
            ({ frame }) => frame
          )
        )
      assert.deepInclude(yield* invoke("inv_done", "spawn", { name: "w5", cli: "cat", task: null }), {
        output: { spawned: true, name: "w5" }
      })
      assert.include(JSON.stringify(yield* invoke("inv_open", "release", { name: "stubborn" })), "restarted")

      // Everyone goes on where they were.
      for (const [name, seq] of [
        ["w1", 4],
        ["w2", 2],
        ["w3", 3],
        ["w5", 1]
      ] as const) {
        yield* engine.send({ from: "alice", to: name, text: `and one more for ${name}.` })
        yield* engine.awaitAck(name, seq)
      }
      const expected = {
        w1: ["the first of w1.", "the second of w1.", "the third of w1.", "and one more for w1."],
        w2: ["the first of w2.", "and one more for w2."],
        w3: ["the first of w3.", "the second of w3.", "from this broker to w3.", "and one more for w3."],
        w5: ["and one more for w5."],
        gone: ["the second of gone."]
      }
      for (const [name, texts] of Object.entries(expected)) {
        const typed = recorder.text(name)
        assert.deepStrictEqual(
          texts.map((text) => [text, times(typed, text)]),
          texts.map((text) => [text, 1])
        )
      }
      assert.strictEqual(times(recorder.text("gone"), "the first of gone."), 0, "a dead letter stays one")
    })
  )
})
