import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { InvocationId } from "../../src/domain/Ids.ts"
import type { Dispatch, Done } from "../../src/invocations/Dispatch.ts"
import { handlerUnavailable } from "../../src/invocations/InvocationLedger.ts"
import { makeInvoke } from "../../src/invocations/Invocations.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { MemoryStore } from "../../src/store/MemoryStore.ts"
import { Store } from "../../src/store/Store.ts"

const invocationId = InvocationId.make("inv_1")
const frame = { type: "action.invoke", invocation_id: invocationId, action: "echo" } as const
const asked = { _tag: "Invoke", frame, session: 1, atMillis: 0, stale: false } as const

/** Asked twice: the first is answered so, the second never. What the store then has of it. */
const stored = (first: Done["answer"]) =>
  Effect.gen(function* () {
    const answered = yield* Deferred.make<void>()
    const runs: Array<string> = []
    const dispatch: Dispatch = () =>
      Effect.suspend(() => {
        runs.push("run")
        return runs.length === 1 ? Effect.succeed({ answer: first }) : Effect.never
      })
    const node = Layer.mock(NodeControl, {
      invocationOpened: () => Effect.void,
      invocationClosed: () => Effect.void,
      result: () => Effect.asVoid(Deferred.succeed(answered, undefined))
    })
    return yield* Effect.gen(function* () {
      const store = yield* Store
      const invoke = yield* makeInvoke(dispatch)
      yield* invoke(asked)
      yield* Deferred.await(answered)
      yield* invoke(asked)
      yield* store.flush
      yield* Effect.repeatN(Effect.yieldNow(), 20)
      yield* store.flush
      const [record] = (yield* store.load).invocations
      return { runs: runs.length, isOpen: record !== undefined && record.answer === undefined }
    }).pipe(Effect.provide(Layer.merge(node, MemoryStore.make().layer)))
  })

describe("an invocation that is asked again", () => {
  it.scoped("after an answer that was none is open again on disk, so that a crash does not run it a third time", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* stored({ error: handlerUnavailable }), { runs: 2, isOpen: true })
    })
  )

  it.scoped("after its answer is not run again, and stays answered", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* stored({ output: null }), { runs: 1, isOpen: false })
    })
  )
})

describe("an invocation that takes too long", () => {
  it.scoped("is answered after 25 s and stopped then, however long it takes to undo what was done", () =>
    Effect.gen(function* () {
      const answers: Array<unknown> = []
      let stopped = false
      const dispatch: Dispatch = () =>
        Effect.onInterrupt(Effect.never, () => {
          stopped = true
          return Effect.delay(Effect.void, "1 hour")
        })
      const node = Layer.mock(NodeControl, {
        invocationOpened: () => Effect.void,
        invocationClosed: () => Effect.void,
        result: (answer) => Effect.sync(() => void answers.push(answer))
      })
      yield* Effect.gen(function* () {
        const invoke = yield* makeInvoke(dispatch)
        yield* invoke(asked)
        yield* TestClock.adjust("24 seconds")
        assert.isFalse(stopped)
        yield* TestClock.adjust("1 seconds")
        assert.isTrue(stopped)
        assert.deepStrictEqual(answers, [{ invocationId, error: "echo_failed: not done within 25 s" }])
        // The scope waits for what is being undone.
        yield* TestClock.adjust("1 hour")
      }).pipe(Effect.provide(Layer.merge(node, MemoryStore.make().layer)))
    })
  )
})
