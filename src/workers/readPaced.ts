import * as Effect from "effect/Effect"
import type * as Mailbox from "effect/Mailbox"
import { steadyMillis } from "../domain/Steady.ts"
import type * as ReadingPace from "./ReadingPace.ts"

/** Reads to the end of the output. `onDrawn` comes once for what came together. */
export const readPaced = (
  output: Mailbox.ReadonlyMailbox<string>,
  onOutput: (chunk: string) => void,
  onDrawn: () => void,
  share: ReadingPace.Share,
  drained: Effect.Effect<void>
) =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    for (;;) {
      const [chunks, done] = yield* output.takeAll
      for (const chunk of chunks) {
        onOutput(chunk)
        const pauseMillis = share(chunk.length, steadyMillis(clock))
        if (pauseMillis > 0) {
          onDrawn()
          yield* Effect.sleep(pauseMillis)
        }
      }
      onDrawn()
      yield* drained
      if (done) return
    }
  })
