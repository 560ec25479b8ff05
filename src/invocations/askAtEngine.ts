/** An action invoked as the broker's own agent: what `relay-broker invoke` does. The engine places it, here or elsewhere. */
import * as Effect from "effect/Effect"
import type { Actions } from "../agents/Actions.ts"
import { EngineApi, type Invocation } from "../engine/EngineApi.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"

/** The engine tells callers without a mailbox here nothing: its record is looked at. */
const firstPauseMillis = 100
const longestPauseMillis = 2_000

export const isOver = ({ status }: Invocation): boolean => status === "completed" || status === "failed"

export const makeAsk = Effect.gen(function* () {
  const engine = yield* EngineApi
  const {
    agent: { token }
  } = yield* BrokerIdentity

  const ask: Actions["Type"]["ask"] = ({ action, input, waitMillis }) =>
    Effect.gen(function* () {
      const started = yield* engine.invokeAction({ token, action, input })
      if (isOver(started) || waitMillis <= 0) return started
      let latest = started
      const follow = Effect.gen(function* () {
        for (let pause = firstPauseMillis; !isOver(latest); pause = Math.min(pause * 1.5, longestPauseMillis)) {
          yield* Effect.sleep(pause)
          latest = yield* engine.findInvocation({ token, action, id: started.id })
        }
      })
      yield* Effect.timeoutOption(follow, waitMillis)
      return latest
    })
  return ask
})
