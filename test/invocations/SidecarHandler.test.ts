import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { HandlerFailed, HandlerUnavailable } from "../../src/domain/Errors.ts"
import { InvocationId } from "../../src/domain/Ids.ts"
import { askSidecar, handlerInput, handlerNames } from "../../src/invocations/Dispatch.ts"
import { readInvocation } from "../../src/invocations/InvokeInput.ts"
import type { ActionInvoke } from "../../src/wire/Inbound.ts"

const frame = (action: string, input: unknown = {}): ActionInvoke => ({
  type: "action.invoke",
  invocation_id: InvocationId.make("inv_1"),
  action,
  input
})
const names = (action: string, input?: unknown) =>
  handlerNames(frame(action, input), readInvocation(frame(action, input)))

describe("the handler of an invocation", () => {
  it("is the one of exactly that name for an action and for spawn:<harness>", () => {
    assert.deepStrictEqual(names("echo"), ["echo"])
    assert.deepStrictEqual(names("spawn:codex", { cli: "claude", capability: "spawn:other" }), ["spawn:codex"])
  })

  it("is looked for by capability, then by cli, when the engine retries as bare spawn", () => {
    assert.deepStrictEqual(names("spawn", { capability: "spawn:gpu", cli: "codex" }), ["spawn:gpu", "spawn:codex"])
    assert.deepStrictEqual(names("spawn", { capability: "gpu" }), ["spawn:gpu"])
    assert.deepStrictEqual(names("spawn", { cli: "codex", capability: null }), ["spawn:codex"])
    assert.deepStrictEqual(names("spawn", {}), [])
  })

  it("is never asked for a release", () => {
    assert.deepStrictEqual(names("release", { name: "w" }), [])
  })

  it("gets a spawn's input without the nulls that the engine writes, and an action's as it is", () => {
    const input = { name: "w", cli: "cat", channel: null, model: null, metadata: { x: null } }
    const spawn = frame("spawn:cat", input)
    assert.deepStrictEqual(handlerInput(spawn, readInvocation(spawn)), { name: "w", cli: "cat", metadata: { x: null } })
    const action = frame("echo", input)
    assert.deepStrictEqual(handlerInput(action, readInvocation(action)), input)
  })

  it.effect("answers with its output, its own error, or as unavailable; without it nothing is said", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const ask = (action: string, known: ReadonlyArray<string>) =>
        askSidecar(
          {
            handles: (name) => Effect.succeed(known.includes(name)),
            invoke: ({ name }) => {
              asked.push(name)
              if (name === "broken") return Effect.fail(new HandlerFailed({ action: name, reason: "boom" }))
              if (name === "gone") return Effect.fail(new HandlerUnavailable({ action: name, reason: "it left" }))
              return Effect.succeed({ by: name })
            }
          },
          frame(action, { cli: "cat" }),
          readInvocation(frame(action, { cli: "cat" }))
        )
      assert.deepStrictEqual(yield* ask("spawn", ["spawn:cat"]), { output: { by: "spawn:cat" } })
      assert.deepStrictEqual(yield* ask("broken", ["broken"]), { error: "boom" })
      assert.deepStrictEqual(yield* ask("gone", ["gone"]), { error: "handler_unavailable" })
      assert.isUndefined(yield* ask("spawn:cat", ["spawn:ca", "spawn", "cat"]))
      assert.deepStrictEqual(asked, ["spawn:cat", "broken", "gone"])
    })
  )
})
