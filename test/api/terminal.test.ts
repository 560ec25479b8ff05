import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { PtyBacklogFull, PtyClosed } from "../../src/domain/Errors.ts"
import { MessageId } from "../../src/domain/Ids.ts"
import type { WorkerExit } from "../../src/injection/Worker.ts"
import { messageOf } from "./data.ts"
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

describe("GET /api/spawned/{name}/snapshot", () => {
  it.scopedLive("is plain by default; escape sequences travel in base64", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      const picture = { rows: 2, cols: 10, cursor: [2, 3], position: 9 }
      const plain = { format: "plain", ...picture, screen: "hello\n> \n" }
      assert.deepStrictEqual((yield* ask("GET", "/api/spawned/w1/snapshot")).body, plain)
      assert.deepStrictEqual((yield* ask("GET", "/api/spawned/w1/snapshot?format=text")).body, {
        ...plain,
        format: "text"
      })
      const ansi = (yield* ask("GET", "/api/spawned/w1/snapshot?format=ansi")).body as Record<string, string>
      assert.deepStrictEqual(
        [ansi["screen"], ansi["resume"]].map((text) => Buffer.from(text ?? "", "base64").toString()),
        ["hello\n> \n", ""]
      )
    })
  )

  it.scopedLive("refuses other formats and names", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      const wrong = yield* ask("GET", "/api/spawned/w1/snapshot?format=html")
      assert.deepStrictEqual([wrong.status, (wrong.body as { code: string }).code], [400, "invalid_format"])
      const ghost = yield* ask("GET", "/api/spawned/ghost/snapshot")
      assert.deepStrictEqual([ghost.status, ghost.body], [404, noGhost])
    })
  )
})

describe("GET /api/input/{name}/stream", () => {
  const path = "/api/input/w1/stream"
  const ack = (bytes: number) => ({ type: "pty_input_ack", name: "w1", bytes_written: bytes })

  it.scopedLive("writes what comes in order, and acknowledges each", () =>
    Effect.gen(function* () {
      const { seen, socket } = yield* makeRig()
      const client = yield* socket(path)
      client.socket.send("ä\r")
      client.socket.send(Buffer.from("€"))
      client.socket.send(JSON.stringify({ type: "pty_input", data: "typed", human: true }))
      client.socket.send('{"type":"other"}')
      yield* client.until((frames) => frames.length === 5)
      assert.deepStrictEqual(client.frames, [{ type: "pty_input_ready", name: "w1" }, ack(3), ack(3), ack(5), ack(16)])
      assert.deepStrictEqual(seen.written, ["ä\r", "€", "typed", '{"type":"other"}'])
    })
  )

  it.scopedLive("answers bad input and goes on", () =>
    Effect.gen(function* () {
      const { seen, socket } = yield* makeRig()
      const client = yield* socket(path)
      client.socket.send(Buffer.from([0xff, 0xfe]))
      client.socket.send('{"type":"pty_input","data":1}')
      client.socket.send("x")
      yield* client.until((frames) => frames.length === 4)
      assert.deepStrictEqual(
        client.frames.slice(1).map(({ code, retryable, statusCode, type }) => [type, code, retryable, statusCode]),
        [
          ["pty_input_error", "invalid_input", false, 400],
          ["pty_input_error", "invalid_input", false, 400],
          ["pty_input_ack", undefined, undefined, undefined]
        ]
      )
      assert.deepStrictEqual(seen.written, ["x"])
    })
  )

  it.scopedLive("says once that there is no such agent, or that its program has ended, and closes", () =>
    Effect.gen(function* () {
      const { script, seen, socket } = yield* makeRig()
      const ghost = yield* socket("/api/input/ghost/stream")
      yield* ghost.closed
      assert.deepStrictEqual(
        ghost.frames.map(({ code }) => code),
        ["agent_not_found"]
      )
      const ended = yield* Deferred.make<WorkerExit>()
      script.workers = [fakeWorker(seen, { exit: Deferred.await(ended) })]
      const client = yield* socket(path)
      yield* client.until((frames) => frames.length === 1)
      yield* Deferred.succeed(ended, {
        exitCode: 0,
        signal: null,
        reason: "child_exited",
        lastOutput: "",
        lastLines: []
      })
      yield* client.closed
      assert.strictEqual(client.frames.at(-1)?.["code"], "worker_disappeared")
    })
  )

  it.scopedLive("a plain GET is refused", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      assert.strictEqual((yield* ask("GET", path)).status, 400)
    })
  )
})

describe("delivery mode", () => {
  it.scopedLive("is read and changed, in any case and with blanks", () =>
    Effect.gen(function* () {
      const { ask, script, seen } = yield* makeRig()
      const modes: Array<string> = []
      script.workers = [
        fakeWorker(seen, {
          mode: Effect.succeed("manual_flush"),
          setMode: (mode) =>
            Effect.sync(() => {
              modes.push(mode)
              return { previous: "manual_flush", flushed: 3 }
            })
        })
      ]
      const path = "/api/spawned/w1/delivery-mode"
      assert.deepStrictEqual((yield* ask("GET", path)).body, { mode: "manual_flush" })
      const set = yield* ask("PUT", path, { json: { mode: " Auto_Inject " } })
      assert.deepStrictEqual(set.body, { mode: "auto_inject", flushed: 3 })
      assert.deepStrictEqual(modes, ["auto_inject"])
    })
  )

  it.scopedLive("refuses other words before it looks for the agent", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      for (const name of ["w1", "ghost"]) {
        const answer = yield* ask("PUT", `/api/spawned/${name}/delivery-mode`, { json: { mode: "relay" } })
        assert.strictEqual(answer.status, 400)
        assert.include(answer.body as object, { code: "invalid_mode" })
      }
      for (const [method, path, json] of [
        ["GET", "delivery-mode", undefined],
        ["PUT", "delivery-mode", { mode: "auto_inject" }],
        ["GET", "pending", undefined],
        ["POST", "flush", undefined]
      ] as const) {
        const answer = yield* ask(method, `/api/spawned/ghost/${path}`, { json })
        assert.strictEqual(answer.status, 404, path)
        assert.include(answer.body as object, { code: "agent_not_found" })
      }
    })
  )

  it.scopedLive("lists what is held, first one first, and lets it go", () =>
    Effect.gen(function* () {
      const { ask, script, seen } = yield* makeRig()
      script.workers = [fakeWorker(seen, { flush: () => Effect.succeed(2) })]
      script.held = [
        { messageId: MessageId.make("m1"), message: messageOf("one"), queuedAtMillis: 5 },
        {
          messageId: MessageId.make("m2"),
          message: { ...messageOf("two"), target: "w1", threadId: "t1", mode: "steer", priority: 4 },
          queuedAtMillis: 6
        }
      ]
      const common = { from: "alice", workspace_id: "ws_1" }
      assert.deepStrictEqual((yield* ask("GET", "/api/spawned/w1/pending")).body, {
        pending: [
          {
            ...{ ...common, body: "one", target: "#general", priority: 3, mode: "wait", queued_at_ms: 5 },
            event_id: "m1"
          },
          {
            ...{ ...common, body: "two", target: "w1", priority: 4, mode: "steer", queued_at_ms: 6 },
            ...{ event_id: "m2", thread_id: "t1" }
          }
        ]
      })
      assert.deepStrictEqual((yield* ask("POST", "/api/spawned/w1/flush")).body, { flushed: 2 })
    })
  )
})
