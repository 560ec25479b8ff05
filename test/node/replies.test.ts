import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { AgentId, AgentName } from "../../src/domain/Ids.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { makeNodeRig, nodeName } from "../support/nodeRig.ts"

const rig = Effect.map(makeNodeRig(), ({ context, engine }) => ({ engine, node: Context.get(context, NodeControl) }))
const w1 = AgentName.make("w1")

describe("an answer that nobody waits for", () => {
  it.scoped("is noise when it is well; an error, and one with an agent's token, is a warning without the token", () => {
    const lines: Array<string> = []
    const capture = Logger.replace(
      Logger.defaultLogger,
      Logger.make(({ logLevel, message }) => void lines.push(`${logLevel.label} ${String(message)}`))
    )
    return Effect.gen(function* () {
      const { engine } = yield* rig
      yield* TestClock.adjust("1 second")
      lines.length = 0
      const say = (rest: object) => engine.sendRaw(nodeName, { v: 1, id: "nobody", ...rest })
      yield* say({ type: "reply", ok: true, data: { rebound_agents: 1 } })
      yield* say({ type: "reply", ok: true, data: { agent_id: "7", name: "w1", token: "at_live_secret" } })
      yield* say({ type: "error", ok: false, code: "invalid_message", message: "unknown key" })
      yield* TestClock.adjust("1 second")
      const unmatched = lines.filter((line) => line.includes("unmatched"))
      assert.deepStrictEqual(
        unmatched.map((line) => line.split(" ")[0]),
        ["DEBUG", "WARN", "WARN"]
      )
      assert.notInclude(lines.join("\n"), "at_live_secret")
    }).pipe(Effect.provide(capture), Logger.withMinimumLogLevel(LogLevel.Debug))
  })

  it.scoped("an answer for another name is refused", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig
      yield* TestClock.adjust("1 second")
      engine.faults.holdReplies("agent.register")
      const asking = yield* Effect.fork(Effect.flip(node.registerAgent({ name: w1 })))
      yield* TestClock.adjust("1 millis")
      const { frame } = engine.observations.frames.at(-1)!
      assert(frame?.type === "agent.register")
      yield* engine.sendRaw(nodeName, {
        v: 1,
        id: frame.id,
        type: "reply",
        ok: true,
        data: { agent_id: "7", name: "w2", token: "at_live_x" }
      })
      const error = yield* Fiber.join(asking)
      assert.deepInclude(error, { _tag: "NodeRequestRefused", code: "name_mismatch" })
    })
  )
})

describe("a late success", () => {
  it.scoped("for a caller that was interrupted is handed on, with its identity", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig
      yield* TestClock.adjust("1 second")
      engine.faults.holdReplies("agent.register")
      const asking = yield* Effect.fork(node.registerAgent({ name: w1 }))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(asking)
      engine.faults.releaseReplies()
      const late = yield* node.lateRegistrations.take
      assert.deepStrictEqual({ ...late }, { name: w1, agentId: AgentId.make(engine.agent("w1")!.id) })
    })
  )

  it.scoped("is forgotten with its link: the engine has taken the node's agents offline with it", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig
      yield* TestClock.adjust("1 second")
      engine.faults.holdReplies("agent.register")
      const asking = yield* Effect.fork(Effect.flip(node.registerAgent({ name: w1 })))
      yield* TestClock.adjust("1 second")
      engine.faults.dropSockets()
      assert.strictEqual((yield* Fiber.join(asking))._tag, "LinkLost")
      engine.faults.releaseReplies()
      yield* TestClock.adjust("1 minute")
      yield* node.awaitReady(0)
      assert.strictEqual(yield* node.lateRegistrations.size.pipe(Effect.map(Option.getOrElse(() => 0))), 0)
    })
  )
})
