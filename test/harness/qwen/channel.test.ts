import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { MessageId } from "../../../src/domain/Ids.ts"
import type { ChannelContext } from "../../../src/harness/Channel.ts"
import { channel } from "../../../src/harness/qwen/Channel.ts"
import { signalsOf } from "../../../src/harness/qwen/events.ts"
import { freshId, relay, specOf } from "../rig.ts"
import { screenOf } from "../screens.ts"

const session = "186cc3ec-4e81-4d7b-850c-2cd538c6d487"
/** As qwen 0.15.10 writes them. */
const line = (event: unknown) => `${JSON.stringify(event)}\n`
const base = { uuid: "b1cc76d5-41e2-445c-aa2c-bcbe78fa623c", session_id: session, parent_tool_use_id: null }
const start = {
  type: "system",
  subtype: "session_start",
  ...base,
  data: { session_id: session, cwd: "/work", protocol_version: 1, version: "0.15.10" }
}
const user = (...content: ReadonlyArray<unknown>) => ({ type: "user", ...base, message: { role: "user", content } })
const text = (words: string) => ({ type: "text", text: words })
const result = {
  type: "tool_result",
  tool_use_id: "c1",
  is_error: false,
  content: "Relay message from eve [dm / m-9]: no"
}
const delta = { type: "stream_event", ...base, event: { type: "content_block_delta", index: 0 } }

const home = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-qwen-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const contextIn = (directory: string, context: Partial<ChannelContext> = {}): ChannelContext => ({
  spec: specOf(),
  line: { command: "qwen", args: [] },
  environment: { ...relay, HOME: directory },
  mcp: undefined,
  directory: join(directory, "launch"),
  freshId,
  resumed: false,
  findings: {},
  channel: undefined,
  hooks: undefined,
  ...context
})

describe("qwen 0.15.10 and 0.24.4: what its event file says", () => {
  it("texts that went to the model, and nothing else that a user's message can be", () => {
    const tags = (event: unknown) => signalsOf(JSON.stringify(event), undefined)
    assert.deepStrictEqual(tags(user(text("one\n\ntwo"))), [
      { _tag: "Taken", which: { text: "one\n\ntwo" }, proof: "taken_with_text" }
    ])
    assert.deepStrictEqual(tags(user(result)), [])
    assert.deepStrictEqual(tags({ ...user(text("of a subagent")), parent_tool_use_id: "call_1" }), [])
    for (const odd of [delta, { type: "assistant", ...base }, { type: "user" }, 1])
      assert.deepStrictEqual(tags(odd), [])
    assert.deepStrictEqual(signalsOf('{"type":"user","mess', undefined), [])
  })
  it("the session it has, and that one was lost", () => {
    const tags = (expected: string | undefined) => signalsOf(JSON.stringify(start), expected)
    assert.deepStrictEqual(tags(undefined), [{ _tag: "Session", id: session, resumed: false }])
    assert.deepStrictEqual(tags(session), [{ _tag: "Session", id: session, resumed: true }])
    assert.deepStrictEqual(
      tags("another").map(({ _tag }) => _tag),
      ["SessionLost", "Session"]
    )
  })
})

describe("qwen: its channel", () => {
  it.scopedLive("follows the file from its beginning, in order, however it is cut into writes", () =>
    Effect.gen(function* () {
      const opened = yield* channel.open(contextIn(yield* home))
      const [flag, path = ""] = opened.launch.args ?? []
      assert.strictEqual(flag, "--json-file")
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
      const words = Array.from({ length: 40 }, (_, index) => `message ${index} ${"é✅漢".repeat(index * 400)}`)
      const bytes = Buffer.from(
        [start, ...words.flatMap((one) => [user(text(one)), delta])].map((event) => line(event)).join("")
      )
      appendFileSync(path, bytes.subarray(0, 1_000))
      const texts: Array<string> = []
      const all = yield* Deferred.make<void>()
      yield* opened.attach({ pid: 1, environment: {}, view: () => screenOf([]) }, (signal) => {
        if (signal._tag === "Taken" && "text" in signal.which) texts.push(signal.which.text)
        if (texts.length === words.length) Deferred.unsafeDone(all, Effect.void)
      })
      for (let from = 1_000; from < bytes.length; from += 7_777) {
        appendFileSync(path, bytes.subarray(from, from + 7_777))
      }
      yield* Deferred.await(all)
      assert.deepStrictEqual(texts, words)
    })
  )

  it.scopedLive("is not there where the user has an event file of their own", () =>
    Effect.gen(function* () {
      const line = { command: "qwen", args: ["--json-file", "/mine"] }
      const opened = yield* Effect.either(channel.open(contextIn(yield* home, { line })))
      assert.isTrue(Either.isLeft(opened))
    })
  )

  it.scopedLive("after a crash its transcript says which messages the session holds", () =>
    Effect.gen(function* () {
      const directory = yield* home
      const chats = join(directory, ".qwen", "projects", "-work", "chats")
      mkdirSync(chats, { recursive: true })
      const said = (type: string, words: string) =>
        line({ uuid: "4f", sessionId: session, type, message: { role: type, parts: [{ text: words }] } })
      writeFileSync(
        join(chats, `${session}.jsonl`),
        said("user", "Relay message from bob [dm / m-1]: one") +
          said("assistant", "Relay message from bob [dm / m-2]: x")
      )
      const opened = yield* channel.open(contextIn(directory, { spec: specOf({ sessionRef: session }), resumed: true }))
      const attached = yield* opened.attach({ pid: 1, environment: {}, view: () => screenOf([]) }, () => {})
      const ids = ["m-1", "m-2"].map((id) => MessageId.make(id))
      const looked = yield* attached.lookup?.(ids) ?? Effect.die("it has no lookup")
      assert.deepStrictEqual([looked.answered, [...looked.found]], [true, ["m-1"]])
    })
  )
})
