import * as Effect from "effect/Effect"
import { SimClock } from "../../src/testing/Simulation.ts"

/** Lets so much virtual time go by. Dies under any other clock: whoever has to wait in real time waits for a fact. */
export const pass = (millis: number): Effect.Effect<void> =>
  Effect.clockWith((clock) =>
    clock instanceof SimClock ? Effect.sleep(millis) : Effect.dieMessage("there is no virtual time here to let pass")
  )
