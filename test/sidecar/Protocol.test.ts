import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as fc from "fast-check"
import { InvocationId } from "../../src/domain/Ids.ts"
import * as Protocol from "../../src/sidecar/Protocol.ts"

const frame = (type: string, payload: unknown, requestId: unknown = "r1") =>
  JSON.stringify({ v: 2, type, request_id: requestId, payload })
const right = (text: string) => Either.getOrThrowWith(Protocol.decode(text), (error) => new Error(error.reason))
const left = (text: string) => Either.getOrThrow(Either.flip(Protocol.decode(text)))
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth)

describe("what a sidecar sends", () => {
  it("is read as published clients write it", () => {
    const manifest = { name: "n", capabilities: [{ name: "echo", kind: "action" }], max_agents: 5 }
    const supervision = { argv: ["node", "x.mjs"] as const, cwd: "/", env: { PATH: "/bin" } }
    assert.deepStrictEqual(right(frame("register_node", { manifest, supervision })), {
      requestId: "r1",
      request: { type: "register_node", payload: { manifest, supervision } }
    })
    assert.deepStrictEqual(right(frame("register_handlers", { names: [" echo "] })).request.payload, {
      names: ["echo"]
    })
    assert.deepStrictEqual(right(frame("handler_result", { invocation_id: "i", output: null })).request.payload, {
      invocation_id: InvocationId.make("i"),
      output: null
    })
  })

  it("may have unknown keys, nulls for absence, another version, no request id and no payload", () => {
    assert.deepStrictEqual(right(`{"v":9,"type":"list_agents","later":1}`), {
      requestId: null,
      request: { type: "list_agents", payload: {} }
    })
    const sent = right(frame("send_message", { to: "a", text: "t", from: null, data: { x: 1 } }, 7))
    assert.deepStrictEqual(sent, {
      requestId: null,
      request: { type: "send_message", payload: { to: "a", text: "t" } }
    })
  })

  it("is an invalid frame when it is no envelope, and a failed one when it is not understood", () => {
    for (const text of ["", "garbage", "[]", "1", "{}", `{"type":3}`])
      assert.strictEqual(left(text).code, "invalid_frame")
    const failed = [
      frame("nope", {}),
      frame("__proto__", {}),
      frame("constructor", {}),
      frame("register_node", { manifest: { name: "", capabilities: [] } }),
      frame("register_node", { manifest: { name: "n", capabilities: [{ name: 5 }] } }),
      frame("register_handlers", { names: ["  "] }),
      frame("spawn_agent", { agent: [] }),
      frame("spawn_agent", 3)
    ]
    for (const text of failed) {
      const { code, requestId } = left(text)
      assert.deepStrictEqual({ code, requestId }, { code: "frame_failed", requestId: "r1" }, text)
    }
    assert.include(left(frame("nope", {})).reason, `unknown frame type "nope", expected one of hello, `)
  })

  it("has exactly one of output and error", () => {
    for (const payload of [{}, { output: 1, error: "e" }, { error: null }]) {
      const { reason } = left(frame("handler_result", { invocation_id: "i", ...payload }))
      assert.include(reason, "exactly one of output and error")
    }
  })

  it("is not deeper than what can be passed on", () => {
    const of = (depth: number) => `{"type":"handler_result","payload":{"invocation_id":"i","output":${nested(depth)}}}`
    assert.isTrue(Either.isRight(Protocol.decode(of(90))))
    assert.include(left(of(200)).reason, "nested deeper")
    assert.include(left(of(200_000)).reason, "nested deeper")
  })

  it("never throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => frame("handler_result", JSON.parse(json)))
        ),
        (text) => {
          Protocol.decode(text)
        }
      )
    )
  })
})

describe("what a sidecar is sent", () => {
  it("is what 9.1.6 sends", () => {
    assert.deepStrictEqual(JSON.parse(Protocol.ok("r1", { registered: true })), {
      v: 2,
      type: "ok",
      request_id: "r1",
      payload: { result: { registered: true } }
    })
    assert.deepStrictEqual(
      JSON.parse(Protocol.unreadable({ requestId: null, code: "invalid_frame", reason: "not JSON" })),
      {
        v: 2,
        type: "error",
        request_id: null,
        payload: { code: "invalid_frame", message: "not JSON", retryable: false }
      }
    )
    const invoked = Protocol.invokeHandler({ invocationId: InvocationId.make("i"), name: "echo", input: undefined })
    assert.deepStrictEqual(JSON.parse(Either.getOrThrow(invoked)), {
      v: 2,
      type: "invoke_handler",
      request_id: null,
      payload: { invocation_id: "i", name: "echo", input: null }
    })
  })

  it("is nothing that cannot be written", () => {
    const input: unknown = JSON.parse(nested(20_000))
    assert.deepStrictEqual(
      Protocol.invokeHandler({ invocationId: InvocationId.make("i"), name: "echo", input }),
      Either.left("too deep")
    )
  })
})
