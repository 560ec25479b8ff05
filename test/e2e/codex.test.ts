/** Codex and its app-server below the real program: what a killed broker and a killed app-server leave. */
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { eventually, makeWorld, root, startBroker, temporaryHome } from "./rig.ts"

const isRunning = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`).length > 0 // a zombie has no memory any more
  } catch {
    return false
  }
}

interface Got {
  readonly threadId: string
  readonly clientId: string
  readonly text: string
}

const place = Effect.map(temporaryHome, (base) => {
  mkdirSync(join(base, "bin"))
  symlinkSync(join(root, "fixtures", "programs", "codex.mjs"), join(base, "bin", "codex"))
  const lines = (name: string) =>
    existsSync(join(base, name))
      ? readFileSync(join(base, name), "utf8")
          .split("\n")
          .filter((line) => line !== "")
      : []
  return {
    command: join(base, "bin", "codex"),
    got: () => lines("messages.jsonl").map((line) => JSON.parse(line) as Got),
    servers: () => lines("servers").map(Number)
  }
})

const holds = (got: ReadonlyArray<Got>, text: string) => got.find((one) => one.text.includes(text))

describe("codex by its app-server", () => {
  it.scopedLive("kill -9 of the broker ends it; the next run resumes its thread, and nothing comes twice", () =>
    Effect.gen(function* () {
      const { command, got, servers } = yield* place
      const { broker, engine, options } = yield* makeWorld({ args: ["--persist", "--respawn"] })
      yield* broker.expect("POST", "/api/spawn", { name: "w1", cli: command })
      yield* engine.send({ from: "alice", to: "w1", text: "the first" })
      const first = yield* eventually(() => holds(got(), "the first"), "the first message in a thread")
      yield* engine.awaitAck("w1", 1)
      const [server = 0] = servers()
      assert.isTrue(isRunning(server))

      yield* broker.kill("SIGKILL")
      yield* broker.exited
      // Nobody ends it: its input has ended.
      yield* eventually(() => !isRunning(server), "the end of the app-server")

      yield* startBroker(options)
      yield* engine.send({ from: "alice", to: "w1", text: "the second" })
      const second = yield* eventually(() => holds(got(), "the second"), "the second message")
      assert.strictEqual(second.threadId, first.threadId)
      assert.notStrictEqual(second.clientId, first.clientId)
      assert.lengthOf(got(), 2)
    })
  )
  it.scopedLive("that is killed is followed by another, in the same thread; a release ends it", () =>
    Effect.gen(function* () {
      const { command, got, servers } = yield* place
      const { broker, engine } = yield* makeWorld()
      yield* broker.expect("POST", "/api/spawn", { name: "w1", cli: command })
      yield* engine.send({ from: "alice", to: "w1", text: "before" })
      const before = yield* eventually(() => holds(got(), "before"), "the message before")
      process.kill(servers()[0] ?? 0, "SIGKILL")
      yield* engine.send({ from: "alice", to: "w1", text: "after" })
      const after = yield* eventually(() => holds(got(), "after"), "the message after")
      assert.strictEqual(after.threadId, before.threadId)
      yield* broker.expect("DELETE", "/api/spawned/w1")
      yield* eventually(() => !servers().some(isRunning), "the end of all app-servers")
    })
  )
})
