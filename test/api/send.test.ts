import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { senderOf } from "../../src/api/messages/handlers.ts"
import type { SendRequest } from "../../src/delivery/Outbox.ts"
import {
  ConfigInvalid,
  EngineRejected,
  EngineUnavailable,
  QueueFull,
  RateLimited,
  Unauthorized,
  UnknownWorker
} from "../../src/domain/Errors.ts"
import { MessageId, WorkspaceId } from "../../src/domain/Ids.ts"
import { makeRig } from "./rig.ts"

const plain: SendRequest = {
  to: "w1",
  text: "hi",
  mode: "wait",
  from: undefined,
  threadId: undefined,
  priority: undefined,
  workspaceId: undefined,
  workspaceAlias: undefined
}

describe("POST /api/send", () => {
  it.scopedLive("tells a local from a published message", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      const workspace = { workspaceId: WorkspaceId.make("ws_2"), alias: "team" }
      const json = { to: "#general", message: "hi" }
      const common = { success: true, event_id: "http_1", workspace_id: "ws_2", workspace_alias: "team" }
      script.send = () =>
        Effect.succeed({ _tag: "Local", messageId: MessageId.make("http_1"), targets: ["w1", "w2"], workspace })
      const local = yield* ask("POST", "/api/send", { json })
      assert.deepStrictEqual(
        [local.status, local.body],
        [200, { ...common, delivered: 2, local: true, targets: ["w1", "w2"] }]
      )
      script.send = () =>
        Effect.succeed({ _tag: "Published", messageId: MessageId.make("http_1"), targets: [], here: [], workspace })
      const published = yield* ask("POST", "/api/send", { json })
      assert.deepStrictEqual(published.body, { ...common, relaycast_published: true, local: false, targets: [] })
    })
  )

  it.scopedLive("reads every spelling", () =>
    Effect.gen(function* () {
      const { ask, seen } = yield* makeRig()
      const table: ReadonlyArray<readonly [object, Partial<SendRequest>]> = [
        [{ to: " w1 ", message: "  hi \n" }, {}],
        [{ to: "w1", text: "hi" }, {}],
        [{ to: "w1", body: "hi" }, {}],
        [{ to: "w1", content: "hi" }, {}],
        [{ to: "w1", message: " ", text: "hi" }, {}],
        [{ to: "#c", text: "hi" }, { to: "#c" }],
        [{ to: "w1", text: "hi", thread: "t" }, { threadId: "t" }],
        [{ to: "w1", text: "hi", thread_id: "t" }, { threadId: "t" }],
        [{ to: "w1", text: "hi", threadId: "t" }, { threadId: "t" }],
        [{ to: "w1", text: "hi", workspaceId: "ws" }, { workspaceId: "ws" }],
        [{ to: "w1", text: "hi", workspace_id: "ws" }, { workspaceId: "ws" }],
        [{ to: "w1", text: "hi", workspaceAlias: "a" }, { workspaceAlias: "a" }],
        [{ to: "w1", text: "hi", workspace_alias: "a" }, { workspaceAlias: "a" }],
        [{ to: "w1", text: "hi", mode: "steer" }, { mode: "steer" }],
        [{ to: "w1", text: "hi", injectionMode: "steer" }, { mode: "steer" }],
        [{ to: "w1", text: "hi", injection_mode: "wait", mode: null }, {}],
        [
          { to: "w1", text: "hi", from: "human:alice", priority: 1, data: { a: 1 } },
          { from: "alice", priority: 1 }
        ],
        [{ to: "w1", text: "hi", priority: "Urgent" }, { priority: 4 }],
        [{ to: "w1", text: "hi", priority: 9 }, {}],
        [{ to: "w1", text: "hi", priority: { a: 1 } }, {}],
        [{ to: "w1", text: "hi", from: "PROJ" }, {}]
      ]
      for (const [json, expected] of table) {
        assert.strictEqual((yield* ask("POST", "/api/send", { json })).status, 200, JSON.stringify(json))
        assert.deepStrictEqual(seen.sent.pop(), { ...plain, ...expected }, JSON.stringify(json))
      }
    })
  )

  it("lets the broker speak for itself, the dashboard and the nameless", () => {
    for (const own of [
      undefined,
      "",
      " ",
      "Dashboard",
      "human:dashboard",
      "HUMAN:orchestrator",
      "Proj",
      "human:",
      "human:proj"
    ]) {
      assert.strictEqual(senderOf(own, "proj"), undefined, own)
    }
    assert.strictEqual(senderOf("alice", "proj"), "alice")
    assert.strictEqual(senderOf(" human: bob ", "proj"), "bob")
    assert.strictEqual(senderOf("orchestrator", "proj"), "orchestrator")
  })

  it.scopedLive("answers each failure as clients know it", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      const missing = { success: false, error: "Missing required fields: to, message" }
      for (const json of [{}, { to: "w1" }, { text: "hi" }, { to: " ", text: "hi" }, { to: "w1", text: " " }]) {
        const answer = yield* ask("POST", "/api/send", { json })
        assert.deepStrictEqual([answer.status, answer.body], [400, missing])
      }
      const bad = yield* ask("POST", "/api/send", { json: { to: "w1", text: "hi", mode: "now" } })
      assert.deepStrictEqual(
        [bad.status, bad.body],
        [400, { success: false, error: "invalid mode 'now'. expected 'wait' or 'steer'" }]
      )
      const table: ReadonlyArray<readonly [Effect.Effect.Error<ReturnType<typeof script.send>>, number, object]> = [
        [new ConfigInvalid({ source: "workspaceId", reason: "not attached" }), 400, { error: "not attached" }],
        [new UnknownWorker({ agent: "w1" }), 404, { error: 'Agent "w1" not found' }],
        [
          new QueueFull({ agent: "w1", limit: 1000 }),
          429,
          { error: "queue_full: inbox of 'w1' is full (1000 messages)", code: "queue_full", retryable: true }
        ],
        [
          new EngineRejected({ operation: "send", status: 404, code: "agent_not_found", reason: "no" }),
          404,
          { error: 'Agent "w1" not found' }
        ],
        [
          new EngineRejected({ operation: "send", status: 400, code: "bad_request", reason: "no" }),
          502,
          { error: "engine refused send: bad_request (HTTP 400): no" }
        ],
        [
          new Unauthorized({ credential: "agent token", where: "send", status: 401 }),
          502,
          { error: "agent token refused at send (HTTP 401)" }
        ],
        [
          new EngineUnavailable({ operation: "send", url: "http://e", reason: "refused" }),
          502,
          { error: "engine unavailable for send at http://e: refused" }
        ],
        [
          new RateLimited({ operation: "send", code: "rate", retryAfterMillis: 0 }),
          502,
          { error: "engine rate limit on send (rate), retry after 0 s" }
        ]
      ]
      for (const [error, status, fields] of table) {
        script.send = () => Effect.fail(error)
        const answer = yield* ask("POST", "/api/send", { json: { to: "w1", text: "hi" } })
        assert.deepStrictEqual([answer.status, answer.body], [status, { success: false, to: "w1", ...fields }])
      }
    })
  )

  it.scoped("gives up after 30 s", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      const begun = yield* Deferred.make<void>()
      script.send = () => Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never)
      const asked = yield* Effect.fork(ask("POST", "/api/send", { json: { to: "w1", text: "hi" } }))
      yield* Deferred.await(begun)
      yield* TestClock.adjust("30 seconds")
      const answer = yield* Fiber.join(asked)
      assert.deepStrictEqual(
        [answer.status, answer.body],
        [504, { success: false, error: "broker request timed out", to: "w1" }]
      )
    })
  )
})
