/**
 * The broker makes sure that its channels exist and joins them as itself. An engine that is away is waited
 * for; other failures are only logged.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { EngineApi, type EngineError } from "../engine/EngineApi.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"

const topics: { readonly [channel: string]: string } = {
  general: "General discussion",
  engineering: "Engineering discussion"
}

const untilBack = Schedule.exponential("1 second").pipe(Schedule.union(Schedule.spaced("1 minute")), Schedule.jittered)
const isAway = ({ _tag }: EngineError) => _tag === "EngineUnavailable" || _tag === "RateLimited"

export const joinOwnChannels = (channels: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const engine = yield* EngineApi
    const { agent } = yield* BrokerIdentity
    yield* Effect.forEach(
      channels,
      (name) => {
        const topic = topics[name]
        return engine.ensureChannel({ credential: agent.token, name, ...(topic === undefined ? {} : { topic }) }).pipe(
          Effect.zipRight(engine.joinChannel({ token: agent.token, name })),
          Effect.retry({ schedule: untilBack, while: isAway }),
          Effect.catchAll((error) => Effect.logWarning(`could not join #${name}: ${error.message}`))
        )
      },
      { discard: true }
    )
  })
