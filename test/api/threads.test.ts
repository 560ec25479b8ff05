import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { previewOf, type ThreadMessage, threadIdOf, threadsOf } from "../../src/delivery/SendHistory.ts"
import { EngineUnavailable } from "../../src/domain/Errors.ts"
import { makeRig } from "./rig.ts"

const message = (o: Partial<ThreadMessage>): ThreadMessage => ({
  ...{ thread: undefined, from: "me", target: "w1", text: "hi", atMillis: 1, ...o }
})

describe("threads", () => {
  it("are told apart by explicit id, channel, conversation, or the two names", () => {
    assert.strictEqual(threadIdOf(message({ thread: "t1", target: "#a" })), "t1")
    assert.strictEqual(threadIdOf(message({ target: "#Dev" })), "#Dev")
    for (const target of ["dm_1", "conv_1", "123"]) assert.strictEqual(threadIdOf(message({ target })), target)
    assert.strictEqual(threadIdOf(message({ from: "Zed", target: "@Ann" })), "direct:ann:zed")
    assert.strictEqual(threadIdOf(message({ from: "@ann", target: "ZED" })), "direct:ann:zed")
  })

  it("come newest first, with a preview, a name and what others wrote", () => {
    const threads = threadsOf(
      [
        message({ atMillis: 1_000, text: "first" }),
        message({ atMillis: 3_000, from: "w1", target: "me", text: "x".repeat(300) }),
        message({ thread: "dm_9", target: "dm_9", from: "ann", participants: ["ann", "bob"], atMillis: 4_000 }),
        message({ target: "#dev", atMillis: 2_000 })
      ],
      "me"
    )
    assert.deepStrictEqual(
      threads.map(({ lastMessageAt, name, threadId, unreadCount }) => [threadId, name, unreadCount, lastMessageAt]),
      [
        ["dm_9", "ann ↔ bob", 1, "1970-01-01T00:00:04.000Z"],
        ["direct:me:w1", "w1", 1, "1970-01-01T00:00:03.000Z"],
        ["#dev", "#dev", 0, "1970-01-01T00:00:02.000Z"]
      ]
    )
    assert.strictEqual(threads[1]?.lastMessage, `${"x".repeat(200)}...`)
  })

  it("have previews of whole characters", () => {
    assert.strictEqual(previewOf("é".repeat(100)), "é".repeat(100))
    assert.strictEqual(previewOf(`${"é".repeat(99)}x😀`), `${"é".repeat(99)}x...`)
  })
})

describe("GET /api/threads", () => {
  it.scopedLive("joins what was sent here with the direct conversations of the engine", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.conversations = Effect.succeed([{ id: "dm_1", participants: ["ann", "proj"] }])
      script.conversationMessages.set("dm_1", [{ id: "1", from: "ann", text: "hello", atMillis: 5_000 }])
      yield* ask("POST", "/api/send", { json: { to: "#dev", text: "posted" } })
      const { threads } = (yield* ask("GET", "/api/threads")).body as { threads: Array<Record<string, unknown>> }
      assert.deepStrictEqual(
        threads.map(({ lastMessage, name, threadId, unreadCount }) => [threadId, name, unreadCount, lastMessage]),
        [
          ["#dev", "#dev", 0, "posted"],
          ["dm_1", "ann", 1, "hello"]
        ]
      )
    })
  )

  it.scopedLive("has its own part without the engine, and says what is missing", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.conversations = Effect.fail(
        new EngineUnavailable({ operation: "GET /v1/dm/conversations/all", url: "http://engine", reason: "refused" })
      )
      yield* ask("POST", "/api/send", { json: { to: "w1", text: "x", from: "kim" } })
      const answer = (yield* ask("GET", "/api/threads")).body as { threads: Array<unknown>; warning: string }
      assert.lengthOf(answer.threads, 1)
      assert.match(answer.warning, /^direct conversations are missing: /)
    })
  )
})
