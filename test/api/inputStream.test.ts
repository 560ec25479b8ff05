import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { fakeWorker, makeRig } from "./rig.ts"

describe("GET /api/input/{name}/stream", () => {
  it.scopedLive("waits for the terminal before it acknowledges, one input after the other", () =>
    Effect.gen(function* () {
      const { script, seen, socket } = yield* makeRig()
      const gate = yield* Deferred.make<void>()
      script.workers = [
        fakeWorker(seen, {
          write: (data) =>
            Effect.zipRight(
              data === "slow" ? Deferred.await(gate) : Effect.void,
              Effect.sync(() => void seen.written.push(data))
            )
        })
      ]
      const client = yield* socket("/api/input/w1/stream")
      client.socket.send("slow")
      client.socket.send("quick")
      yield* client.until((frames) => frames.length === 1)
      assert.deepStrictEqual(seen.written, [])
      yield* Deferred.succeed(gate, undefined)
      yield* client.until((frames) => frames.length === 3)
      assert.deepStrictEqual(seen.written, ["slow", "quick"])
    })
  )

  it.scopedLive("takes what comes for a person's typing, unless the frame says that a program types", () =>
    Effect.gen(function* () {
      const { script, seen, socket } = yield* makeRig()
      const by: Array<boolean | undefined> = []
      script.workers = [fakeWorker(seen, { write: (_, options) => Effect.sync(() => void by.push(options?.human)) })]
      const client = yield* socket("/api/input/w1/stream")
      for (const data of ["raw", '{"type":"pty_input","data":"x"}', '{"type":"pty_input","data":"x","human":false}'])
        client.socket.send(data)
      yield* client.until((frames) => frames.length === 4)
      assert.deepStrictEqual(by, [true, true, false])
    })
  )

  it.scoped("drops a client that answers no ping, and no other", () =>
    Effect.gen(function* () {
      const { script, seen, socket } = yield* makeRig()
      script.workers = [fakeWorker(seen)]
      const client = yield* socket("/api/input/w1/stream")
      const deaf = yield* socket("/api/input/w1/stream")
      deaf.socket.pong = () => {}
      for (let n = 1; n <= 5; n++) {
        assert.strictEqual(deaf.socket.readyState, deaf.socket.OPEN)
        yield* client.until((frames) => frames.length === n)
        yield* TestClock.adjust("30 seconds")
        if (n < 5) yield* client.pinged(n)
        client.socket.send("x")
      }
      assert.strictEqual(yield* deaf.closed, 1006)
      yield* client.until((frames) => frames.length === 6)
    })
  )
})
