import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import { inShortOrLong } from "../support/long.ts"
import { eventually, makeEngine, makeRecorder, root, startBroker, temporaryHome } from "./rig.ts"

const faultProgram = join(root, "dist", "test", "relay-broker.js")
const agents = ["w1", "w2"] as const

const rounds = inShortOrLong(20, 50)

const times = (text: string, part: string) => text.split(part).length - 1

/** An engine that outlives its broker, one home, and agents that record what they read in files that outlive them. */
const makeStage = Effect.gen(function* () {
  const { baseUrl, engine } = yield* makeEngine()
  const home = yield* temporaryHome
  const recorder = makeRecorder(home)
  yield* engine.registerAgent("alice")
  const options = {
    program: faultProgram,
    home,
    engineUrl: baseUrl,
    workspaceKey: engine.key(),
    args: ["--persist", "--respawn"]
  }
  return { engine, options, recorder }
})

/** Everything sent was typed at least once and is acked; nothing was acked that the agent had not read. */
const judge = (
  { engine, recorder }: Effect.Effect.Success<typeof makeStage>,
  name: string,
  sent: ReadonlyArray<string>,
  allowedRepeats: number
) => {
  const text = recorder.text(name)
  const repeats = sent.map((each) => times(text, each) - 1)
  assert.isTrue(
    repeats.every((extra) => extra >= 0),
    `${name}: lost ${sent.filter((_, n) => repeats[n]! < 0).join(", ")}`
  )
  assert.isAtMost(
    repeats.reduce((sum, extra) => sum + extra, 0),
    allowedRepeats,
    `${name}: too many repeats`
  )
  assert.strictEqual(engine.cursor(name), sent.length)
  for (const { agent, at, upToSeq } of engine.observations.acks) {
    if (agent !== name) continue
    for (const each of sent.slice(0, upToSeq)) {
      const readAt = recorder.readAt(name, each)
      assert.isDefined(readAt, `${name}: acked and never typed: ${each}`)
      assert.isAtMost(readAt!, at, `${name}: acked before it was typed: ${each}`)
    }
  }
}

describe("kill -9", () => {
  const points = ["received", "typing", "submitted", "acked"].flatMap((step) =>
    ["before", "after"].flatMap((when) => [1, 3].map((nth) => `${when}:${step}:${nth}`))
  )

  it.scopedLive.each(points)("%s: nothing is lost, nothing is acked that was not typed, the cursor goes on", (point) =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      const { engine, options, recorder } = stage
      const first = yield* startBroker({ ...options, env: { RELAY_TEST_CRASH_AT: point } })
      yield* engine.awaitNode()
      yield* first.expect("POST", "/api/spawn", recorder.spec("w1"))
      const sent: Array<string> = []
      for (let n = 1; n <= 5; n++) {
        sent.push(`message number ${n}.`)
        yield* engine.send({ from: "alice", to: "w1", text: sent.at(-1)! })
        // One after the other, so that every step is reached as often as there are messages.
        yield* Effect.raceFirst(engine.awaitAck("w1", n), first.exited)
      }
      assert.deepInclude(yield* first.exited, { signal: "SIGKILL" })
      const typedBefore = sent.filter((each) => recorder.text("w1").includes(each))
      const ackedBefore = engine.cursor("w1")
      yield* startBroker(options)
      yield* engine.awaitAck("w1", 5)
      yield* engine.send({ from: "alice", to: "w1", text: "and one more." })
      yield* engine.awaitAck("w1", 6)
      // Only what had been typed and was not yet known to be submitted may come again.
      judge(stage, "w1", [...sent, "and one more."], Math.max(0, typedBefore.length - ackedBefore))
    })
  )

  it.scopedLive(
    `at random under load, ${rounds} times`,
    () =>
      Effect.gen(function* () {
        const stage = yield* makeStage
        const { engine, options, recorder } = stage
        const sent = new Map<string, Array<string>>(agents.map((name) => [name, []]))
        let repeats = 0
        const count = (name: string) => sent.get(name)!.length
        for (let round = 1; round <= rounds; round++) {
          const scope = yield* Scope.make()
          const broker = yield* Scope.extend(startBroker(options), scope)
          if (round === 1) for (const name of agents) yield* broker.expect("POST", "/api/spawn", recorder.spec(name))
          for (let n = 0; n < 6; n++) {
            for (const name of agents) {
              const text = `round ${round} message ${n} for ${name}.`
              sent.get(name)!.push(text)
              yield* engine.send({ from: "alice", to: name, text })
            }
          }
          yield* Effect.sleep(yield* Random.nextRange(0, 600))
          yield* broker.kill("SIGKILL")
          yield* broker.exited
          for (const name of agents) {
            const typed = sent.get(name)!.filter((each) => recorder.text(name).includes(each)).length
            repeats += Math.max(0, typed - engine.cursor(name))
          }
          yield* Scope.close(scope, Exit.void)
        }
        yield* startBroker(options)
        for (const name of agents) yield* engine.awaitAck(name, count(name))
        for (const name of agents) judge(stage, name, sent.get(name)!, repeats)
        yield* eventually(
          () => agents.every((name) => engine.mailbox(name).every(({ state }) => state === "acked")),
          "all acked"
        )
      }).pipe(Effect.withRandom(Random.make("crash"))),
    240_000
  )

  it.scopedLive("the product has no fault points", () =>
    Effect.gen(function* () {
      const { options, recorder, engine } = yield* makeStage
      const broker = yield* startBroker({
        ...options,
        program: join(root, "dist", "relay-broker.js"),
        env: { RELAY_TEST_CRASH_AT: "before:received:1" }
      })
      yield* engine.awaitNode()
      yield* broker.expect("POST", "/api/spawn", recorder.spec("w1"))
      yield* engine.send({ from: "alice", to: "w1", text: "still alive" })
      yield* engine.awaitAck("w1", 1)
    })
  )
})
