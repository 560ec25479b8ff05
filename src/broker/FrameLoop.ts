/** The one consumer of the node's frames: never blocks, so that no agent's frame waits for another's work. */
import * as Effect from "effect/Effect"
import { Actions } from "../agents/Actions.ts"
import { Deliveries } from "../delivery/Deliveries.ts"
import { survivingDefects } from "../domain/Supervision.ts"
import { NodeControl } from "../node/NodeControl.ts"

/** Runs until the scope ends. A frame that meets a bug of ours costs itself, not every frame after it. */
export const run = Effect.gen(function* () {
  const node = yield* NodeControl
  const deliveries = yield* Deliveries
  const actions = yield* Actions
  yield* Effect.gen(function* () {
    const frame = yield* node.frames.take
    yield* Effect.suspend(() => (frame._tag === "Invoke" ? actions.invoke(frame) : deliveries.observe(frame))).pipe(
      survivingDefects(`handling of ${frame._tag} frames`)
    )
  }).pipe(
    Effect.catchTag("NoSuchElementException", () => Effect.interrupt),
    Effect.forever,
    Effect.forkScoped
  )
})
