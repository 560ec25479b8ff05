/** A short life of a broker: start, two agents, some messages, the API, shutdown. What it runs is what a start compiles. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { startBroker } from "../../src/testing/BrokerProcess.ts"
import { FakeEngine } from "../../src/testing/FakeEngine.ts"

export interface WarmOptions {
  readonly root: string
  /** `program-<hash>.cjs`. */
  readonly program: string
  /** The bundle of `program.ts` here. */
  readonly runner: string
}

const life = ({ program, root, runner }: WarmOptions) =>
  Effect.gen(function* () {
    const home = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-warm-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }))
    )
    const engine = yield* FakeEngine.make({})
    const { baseUrl } = yield* engine.listen()
    const env = { RELAY_WARM_PROGRAM: program }
    const broker = yield* startBroker({ program: runner, home, engineUrl: baseUrl, workspaceKey: engine.key(), env })
    yield* engine.awaitNode()
    yield* engine.registerAgent("alice")
    for (const name of ["w1", "w2"]) {
      const args = [join(root, "fixtures", "programs", "recorder.mjs"), join(home, `${name}.jsonl`), "--prompt"]
      yield* broker.expect("POST", "/api/spawn", { name, cli: process.execPath, args, channels: ["general"] })
    }
    for (let n = 1; n <= 3; n++) {
      yield* engine.send({ from: "alice", to: "w1", text: `message ${n}` })
      yield* engine.awaitAck("w1", n)
    }
    yield* broker.expect("POST", "/api/send", { to: "w2", from: "w1", text: "here" })
    for (const path of ["/health", "/api/status", "/api/spawned"]) yield* broker.call("GET", path)
    yield* broker.expect("DELETE", "/api/spawned/w2")
  })

export const warm = (o: WarmOptions): Promise<void> =>
  Effect.runPromise(Effect.scoped(life(o)).pipe(Effect.timeout("60 seconds")))
