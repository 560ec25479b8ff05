/** Sends to agents here, and of a broker that is in two workspaces. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { SendRequest } from "../../src/delivery/Outbox.ts"
import { libsql } from "../../src/sqlite/Libsql.ts"
import { makeBroker, makeBrokerInTwo, makeBrokerStored, typed } from "../agents/rig.ts"
import { until } from "../support/until.ts"

const to = (target: string, o: Partial<SendRequest> = {}): SendRequest => ({
  ...{ to: target, text: "hello", from: undefined, threadId: undefined, mode: "wait", priority: undefined },
  ...{ workspaceId: undefined, workspaceAlias: undefined },
  ...o
})

describe("a send to agents here", () => {
  it.scopedLive("is in the database by the time that its sender is told: no crash takes it", () =>
    Effect.gen(function* () {
      const { outbox, spawn, storePath } = yield* makeBrokerStored
      yield* spawn("w1")
      yield* spawn("w2")
      yield* outbox.send(to("w1", { text: "one", from: "ann" }))
      // What another process would find there now.
      const other = libsql(storePath)
      const rows = other.prepare("SELECT agent, origin FROM deliveries WHERE origin = 'local'").all([])
      other.close()
      assert.deepStrictEqual(
        rows.map(({ agent }) => agent),
        ["w1"]
      )
    })
  )

  it.scopedLive("a name in other case is the same agent, as recipient and as sender", () =>
    Effect.gen(function* () {
      const { engine, outbox, spawn } = yield* makeBroker
      yield* spawn("w1")
      yield* spawn("w2")
      assert.deepInclude(yield* outbox.send(to("@W1", { from: "ann" })), { _tag: "Local", targets: ["w1"] } as object)
      const toChannel = yield* outbox.send(to("#general", { from: "W2" }))
      assert.deepStrictEqual(toChannel._tag === "Published" && toChannel.here, ["w1"])
      // Its own message does not come back to it: it goes to the engine, which knows whose name that is.
      const toItself = yield* outbox.send(to("w1", { from: "W1" }))
      assert.deepInclude(toItself, { _tag: "Published", here: [] } as object)
      assert.deepInclude(engine.mailbox("w1").at(-1) as object, { msgId: toItself.messageId })
    })
  )

  it.scopedLive("an answer in a thread is a reply to that message, under an id of its own", () =>
    Effect.gen(function* () {
      const { engine, outbox, spawn } = yield* makeBroker
      yield* spawn("w1")
      const first = yield* engine.post({ from: "alice", channel: "general", text: "question" })
      const sent = yield* outbox.send(to("#general", { from: "w1", threadId: first.messageId, text: "answer" }))
      assert.notStrictEqual(sent.messageId as string, first.messageId)
      const row = engine.mailbox("alice").find(({ text }) => text === "answer")
      assert.strictEqual(row?.msgId, sent.messageId as string)
    })
  )
})

describe("a send to another workspace", () => {
  it.scopedLive(
    "is posted there as the broker, although an agent of that name runs here and an agent of here sends it",
    () =>
      Effect.gen(function* () {
        const { engine, events, outbox, pty, second, spawn } = yield* makeBrokerInTwo
        yield* spawn("w1")
        const process = yield* pty.next
        yield* second.registerAgent("w1")
        const sent = yield* outbox.send(to("@w1", { from: "w1", workspaceAlias: "OPS" }))
        assert.deepInclude({ ...sent, workspace: undefined }, { _tag: "Published", targets: ["@w1"], here: [] })
        assert.deepInclude({ ...sent.workspace }, { workspaceId: second.id, alias: "ops" } as object)
        assert.deepStrictEqual(
          second.mailbox("w1").map(({ msgId, text }) => [msgId, text]),
          [[sent.messageId as string, "hello"]]
        )
        assert.deepStrictEqual(engine.mailbox("w1"), [])
        yield* outbox.send(to("w1", { text: "and here", from: "ann" }))
        yield* until(() => typed(process).includes("and here"))
        assert.notInclude(typed(process), "hello")
        const inbound = events.filter((event) => event.kind === "relay_inbound")
        assert.deepStrictEqual(
          inbound.map((event) => [event.workspace_id, event.workspace_alias, event.from]),
          [
            [second.id, "ops", "w1"],
            [engine.id, "main", "ann"]
          ]
        )
      })
  )

  it.scopedLive("to a channel reaches its members there, and nobody here", () =>
    Effect.gen(function* () {
      const { engine, outbox, pty, second, spawn } = yield* makeBrokerInTwo
      yield* spawn("w1")
      const process = yield* pty.next
      yield* second.registerAgent("bob")
      yield* outbox.send(to("#general", { workspaceId: second.id }))
      assert.strictEqual(second.mailbox("bob").length, 1)
      assert.strictEqual(engine.mailbox("alice").length, 0)
      yield* outbox.send(to("w1", { text: "and here", from: "ann" }))
      yield* until(() => typed(process).includes("and here"))
      assert.notInclude(typed(process), "hello")
    })
  )

  it.scopedLive(
    "whom it has not is unknown, and a workspace that is not attached is an error that names those that are",
    () =>
      Effect.gen(function* () {
        const { engine, outbox, second } = yield* makeBrokerInTwo
        const nobody = yield* Effect.flip(outbox.send(to("ghost", { workspaceAlias: "ops" })))
        assert.strictEqual(nobody._tag, "UnknownWorker")
        const nowhere = yield* Effect.flip(outbox.send(to("alice", { workspaceId: "ws_0" })))
        assert(nowhere._tag === "ConfigInvalid")
        assert.strictEqual(
          nowhere.reason,
          `workspace 'ws_0' is not attached; attached: ${engine.id} (main), ${second.id} (ops)`
        )
        assert.deepStrictEqual(engine.mailbox("alice"), [])
      })
  )
})
