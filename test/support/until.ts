import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/** Waits for a fact, for as long as the test may take. For facts that nothing tells of: whoever can be told awaits that instead. */
export const until = <R = never>(
  holds: () => boolean | Effect.Effect<boolean, never, R>
): Effect.Effect<void, never, R> =>
  Effect.suspend(() => {
    const found = holds()
    return typeof found === "boolean" ? Effect.succeed(found) : found
  }).pipe(Effect.repeat({ until: (met) => met, schedule: Schedule.spaced("5 millis") }), Effect.asVoid)
