/**
 * Brings back the agents that were live when a former run of this broker ended (`--respawn`): same specs, same session
 * references, each with its inbox. Their initial tasks are not given again: those are rows of the inbox like any other.
 */
import * as Effect from "effect/Effect"
import { Actions } from "../actions/Actions.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { Store } from "../store/Store.ts"

/** A moment for the node session: registering over it is quicker than the way around. Spawns do not depend on it. */
const sessionWaitMillis = 10_000

export const respawn = Effect.gen(function* () {
  const actions = yield* Actions
  const node = yield* NodeControl
  const store = yield* Store
  const orphans = (yield* store.load).agents.filter(({ state }) => state === "live")
  if (orphans.length === 0) return
  yield* Effect.ignore(node.awaitReady(sessionWaitMillis))
  yield* Effect.forEach(
    orphans,
    ({ name, spec: { task: _task, ...spec } }) =>
      actions.spawn({ spec, source: "respawn", resumed: spec.sessionRef !== undefined }).pipe(
        Effect.tap(() => Effect.logInfo(`${name} is back`)),
        Effect.catchAll((error) => Effect.logWarning(`${name} could not be brought back: ${error.message}`))
      ),
    { concurrency: 4, discard: true }
  )
})
