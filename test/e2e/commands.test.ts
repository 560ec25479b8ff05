/** What is typed into a real terminal besides messages: a model's name, and what an agent asked to continue from. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { eventually, makeWorld } from "./rig.ts"

describe("typed into a real terminal", () => {
  it.scopedLive("POST …/model: the command and Enter, once, cleaned of what would be keys", () =>
    Effect.gen(function* () {
      const { broker, recorder } = yield* makeWorld()
      yield* broker.expect("POST", "/api/spawn", recorder.spec("w1"))
      const set = (model: string) => broker.expect("POST", "/api/spawned/w1/model", { model })
      assert.deepInclude(yield* set("opus"), { name: "w1", model: "opus", success: true })
      yield* eventually(
        () => recorder.text("w1").includes("/model opus\n"),
        () => recorder.text("w1")
      )
      yield* set("son\u0003net\u001b[A\n/quit")
      yield* eventually(
        () => recorder.text("w1").split("/model ").length === 3,
        () => recorder.text("w1")
      )
      yield* set("haiku")
      yield* eventually(
        () => recorder.text("w1").includes("/model haiku\n"),
        () => recorder.text("w1")
      )
      const [, , second = ""] = recorder.text("w1").split("/model ")
      // one line, so that the rest of the name is no command of its own
      assert.match(second, /^[^\x00-\x09\x0b-\x1f\n]+\n$/)
      const { agents } = (yield* broker.expect("GET", "/api/spawned")) as { agents: Array<{ model: string | null }> }
      assert.strictEqual(agents.length, 1)
      assert.strictEqual(agents[0]?.model, "haiku")
    })
  )

  it.scopedLive("continuity `load`: what was kept under its name, once, and not to others", () =>
    Effect.gen(function* () {
      const { broker, recorder } = yield* makeWorld()
      const directory = join(broker.stateDir, "continuity")
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      const kept = { agent_name: "w1", cli: "claude", initial_task: "write it", summary: "half of it is written" }
      writeFileSync(join(directory, "w1.json"), JSON.stringify(kept))
      yield* broker.expect("POST", "/api/spawn", recorder.spec("w2"))
      yield* broker.expect("POST", "/api/spawn", recorder.spec("w1", "--echo"))
      // a program that says what it is told to say
      yield* broker.expect("POST", "/api/input/w1", { data: "\nKIND: continuity\nACTION: load\n\n> " })
      yield* eventually(
        () => recorder.text("w1").includes("half of it is written"),
        () => recorder.text("w1")
      )
      // What comes after it is typed after it, and so after a second one.
      yield* broker.expect("POST", "/api/send", { to: "w1", text: "the next thing", from: "lead" })
      yield* eventually(
        () => recorder.text("w1").includes("the next thing"),
        () => recorder.text("w1")
      )
      assert.strictEqual(recorder.text("w1").split("half of it is written").length, 2)
      assert.include(recorder.text("w1"), "Relay message from broker")
      assert.notInclude(recorder.text("w2"), "half of it")
    })
  )
})
