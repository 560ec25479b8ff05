import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { PtyBacklogFull, PtyClosed } from "../../src/domain/Errors.ts"
import { fakeWorker, makeRig } from "./rig.ts"

const noGhost = { code: "agent_not_found", message: "agent_not_found: no worker named 'ghost'" }

describe("POST /api/input/{name}", () => {
  it.scopedLive("writes verbatim and counts bytes", () =>
    Effect.gen(function* () {
      const { ask, seen } = yield* makeRig()
      const data = "ä€\u001b[A\r"
      const answer = yield* ask("POST", "/api/input/w1", { json: { data } })
      assert.deepStrictEqual([answer.status, answer.body], [200, { name: "w1", bytes_written: 9 }])
      assert.deepStrictEqual(seen.written, [data])
    })
  )

  it.scopedLive("answers failures in the coded family", () =>
    Effect.gen(function* () {
      const { ask, script, seen } = yield* makeRig()
      const ghost = yield* ask("POST", "/api/input/ghost", { json: { data: "x" } })
      assert.deepStrictEqual([ghost.status, ghost.body], [404, noGhost])
      script.workers = [fakeWorker(seen, { write: () => Effect.fail(new PtyClosed({ written: 0, total: 1 })) })]
      const gone = yield* ask("POST", "/api/input/w1", { json: { data: "x" } })
      assert.deepStrictEqual(
        [gone.status, gone.body],
        [
          503,
          { code: "worker_disappeared", message: "worker_disappeared: the terminal is gone (0 of 1 bytes written)" }
        ]
      )
      script.workers = [fakeWorker(seen, { write: () => Effect.fail(new PtyBacklogFull({ limitBytes: 10 })) })]
      const full = yield* ask("POST", "/api/input/w1", { json: { data: "x" } })
      assert.deepStrictEqual([full.status, (full.body as { code: string }).code], [504, "worker_timeout"])
    })
  )

  it.scoped("waits 5 s for a program that does not read, and takes the text back", () =>
    Effect.gen(function* () {
      const { ask, script, seen } = yield* makeRig()
      const begun = yield* Deferred.make<void>()
      const abandoned = yield* Deferred.make<void>()
      const stuck = Deferred.succeed(begun, undefined).pipe(
        Effect.zipRight(Effect.never),
        Effect.onInterrupt(() => Deferred.succeed(abandoned, undefined))
      )
      script.workers = [fakeWorker(seen, { write: () => stuck })]
      const asked = yield* Effect.fork(ask("POST", "/api/input/w1", { json: { data: "x" } }))
      yield* Deferred.await(begun)
      yield* TestClock.adjust("5 seconds")
      const answer = yield* Fiber.join(asked)
      assert.deepStrictEqual([answer.status, (answer.body as { code: string }).code], [504, "worker_timeout"])
      yield* Deferred.await(abandoned)
    })
  )
})

describe("POST /api/resize/{name}", () => {
  it.scopedLive("sets the size", () =>
    Effect.gen(function* () {
      const { ask, seen } = yield* makeRig()
      const answer = yield* ask("POST", "/api/resize/w1", { json: { rows: 40, cols: 120 } })
      assert.deepStrictEqual([answer.status, answer.body], [200, { name: "w1", rows: 40, cols: 120 }])
      assert.deepStrictEqual(seen.resized, [[120, 40]])
    })
  )

  it.scopedLive("refuses zero, and agents that are not here or gone", () =>
    Effect.gen(function* () {
      const { ask, script, seen } = yield* makeRig()
      for (const json of [
        { rows: 0, cols: 80 },
        { rows: 24, cols: 0 }
      ]) {
        const answer = yield* ask("POST", "/api/resize/w1", { json })
        assert.deepStrictEqual(
          [answer.status, answer.body],
          [400, { code: "invalid_request", message: "invalid_request: rows and cols must be greater than zero" }]
        )
      }
      const ghost = yield* ask("POST", "/api/resize/ghost", { json: { rows: 2, cols: 2 } })
      assert.deepStrictEqual([ghost.status, ghost.body], [404, noGhost])
      script.workers = [fakeWorker(seen, { resize: () => Effect.fail(new PtyClosed({ written: 0, total: 0 })) })]
      const gone = yield* ask("POST", "/api/resize/w1", { json: { rows: 2, cols: 2 } })
      assert.deepStrictEqual([gone.status, (gone.body as { code: string }).code], [503, "worker_disappeared"])
    })
  )
})
