/** The delivery mode that goes with a way of attaching, and the former one again when the scope ends. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { ApiClient } from "../ApiClient.ts"
import type { ApiFailure } from "../Failures.ts"

/**
 * `view`: look. `drive`: type, while messages for the agent are held. `passthrough`: type, while messages go on being
 * injected between the keys.
 */
export type How = "view" | "drive" | "passthrough"

export interface Mode {
  /** Messages that are held; undefined where none are. */
  readonly held: () => number | undefined
  readonly refresh: Effect.Effect<void, ApiFailure>
  readonly flush: Effect.Effect<number, ApiFailure>
}

const DeliveryMode = Schema.Literal("auto_inject", "manual_flush")
const ModeAnswer = Schema.Struct({ mode: DeliveryMode })
const PendingAnswer = Schema.Struct({ pending: Schema.Array(Schema.Unknown) })
const FlushAnswer = Schema.Struct({ flushed: Schema.Number })

const restoreLimit = "3 seconds"

export const enter = (client: ApiClient, name: string, how: How): Effect.Effect<Mode, ApiFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const path = (rest: string) => `/api/spawned/${encodeURIComponent(name)}/${rest}`
    const set = (mode: typeof DeliveryMode.Type) =>
      client.call({ method: "PUT", path: path("delivery-mode"), answer: ModeAnswer, body: { mode } })
    if (how !== "view") {
      const wanted = how === "drive" ? "manual_flush" : "auto_inject"
      const { value } = yield* client.call({ method: "GET", path: path("delivery-mode"), answer: ModeAnswer })
      if (value.mode !== wanted) {
        // An agent that has ended meanwhile, or a broker that is gone, has no mode to go back to.
        yield* Effect.acquireRelease(set(wanted), () =>
          Effect.ignore(Effect.timeout(Effect.interruptible(set(value.mode)), restoreLimit))
        )
      }
    }
    let held: number | undefined
    const refresh = Effect.suspend(() =>
      how === "drive"
        ? Effect.map(client.call({ method: "GET", path: path("pending"), answer: PendingAnswer }), ({ value }) => {
            held = value.pending.length
          })
        : Effect.void
    ).pipe(Effect.catchTag("BrokerRefused", () => Effect.void))
    yield* refresh
    return {
      held: () => held,
      refresh,
      flush: Effect.zipLeft(
        Effect.map(
          client.call({ method: "POST", path: path("flush"), answer: FlushAnswer, body: {} }),
          ({ value }) => value.flushed
        ),
        refresh
      )
    }
  })
