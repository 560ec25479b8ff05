import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
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
})
