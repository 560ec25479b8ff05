import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Mailbox from "effect/Mailbox"
import { Actions } from "../../src/agents/Actions.ts"
import * as FrameLoop from "../../src/broker/FrameLoop.ts"
import { Deliveries } from "../../src/delivery/Deliveries.ts"
import { NodeControl, type NodeFrame } from "../../src/node/NodeControl.ts"

const ready = (session: number): NodeFrame => ({ _tag: "SessionReady", session, atMillis: 0 })

/** Frames of sessions 1 to 3, of which the second meets a bug when `bug`. */
const seenSessions = (bug: boolean) =>
  Effect.gen(function* () {
    const frames = yield* Mailbox.make<NodeFrame>()
    const seen: Array<number> = []
    const logged: Array<string> = []
    const fakes = Layer.mergeAll(
      Layer.mock(Actions, {}),
      Layer.mock(NodeControl, { frames }),
      Layer.mock(Deliveries, {
        observe: (frame) =>
          Effect.sync(() => {
            if (frame._tag !== "SessionReady") return
            if (bug && frame.session === 2) throw new Error("a bug")
            seen.push(frame.session)
          })
      }),
      Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ logLevel, message }) => void logged.push(`${logLevel.label} ${message}`))
      )
    )
    yield* FrameLoop.run.pipe(Effect.provide(fakes))
    yield* frames.offerAll([ready(1), ready(2), ready(3)])
    yield* Effect.repeatN(Effect.yieldNow(), 20)
    return { seen, logged }
  })

describe("the consumer of frames", () => {
  it.scoped("goes on after a frame that met a bug, and says so", () =>
    Effect.gen(function* () {
      const { logged, seen } = yield* seenSessions(true)
      assert.deepStrictEqual(seen, [1, 3])
      assert.lengthOf(logged, 1)
      assert.match(logged[0]!, /^ERROR a bug in the handling of SessionReady frames: Error: a bug/)
    })
  )

  it.scoped("and says nothing where there is none", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* seenSessions(false), { seen: [1, 2, 3], logged: [] })
    })
  )
})
