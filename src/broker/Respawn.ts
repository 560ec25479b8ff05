/**
 * Brings back the agents that were live when a former run of this broker ended (`--respawn`): same specs, same session
 * references, each with its inbox. Their initial tasks are not given again: those are rows of the inbox like any other.
 *
 * An engine that is away, as a network often is right after a boot, is waited for; whoever was released or spawned
 * meanwhile is not brought back.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Actions, type SpawnError } from "../agents/Actions.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { type AgentRecord, Store } from "../store/Store.ts"

/** A moment for the node session: registering over it is quicker than the way around. Spawns do not depend on it. */
const sessionWaitMillis = 10_000
/** Between two tries at least; then a session is waited for, for a while. */
const againMillis = 5_000
const awayMillis = 25_000

const mayCome = ({ _tag }: SpawnError) => _tag === "EngineUnavailable" || _tag === "RateLimited"

export const respawn = Effect.gen(function* () {
  const actions = yield* Actions
  const node = yield* NodeControl
  const store = yield* Store
  const isWanted = ({ name, updatedAtMillis }: AgentRecord) =>
    Effect.map(
      store.findAgent(name),
      Option.exists((row) => row.state === "live" && row.updatedAtMillis === updatedAtMillis)
    )
  const bringBack = (agent: AgentRecord) => {
    const { name } = agent
    const { task: _task, ...spec } = agent.spec
    return actions.spawn({ spec, source: "respawn", resumed: spec.sessionRef !== undefined }).pipe(
      Effect.zipRight(Effect.as(Effect.logInfo(`${name} is back`), undefined)),
      Effect.catchAll((error) =>
        Effect.as(
          Effect.logWarning(
            `${name} could not be brought back${mayCome(error) ? ", and is tried again" : ""}: ${error.message}`
          ),
          mayCome(error) ? agent : undefined
        )
      )
    )
  }
  let orphans = (yield* store.load).agents.filter(({ state }) => state === "live")
  if (orphans.length === 0) return
  yield* Effect.ignore(node.awaitReady(sessionWaitMillis))
  for (;;) {
    const left = yield* Effect.forEach(orphans, bringBack, { concurrency: 4 })
    orphans = left.filter((agent) => agent !== undefined)
    if (orphans.length === 0) return
    yield* Effect.sleep(againMillis)
    yield* Effect.ignore(node.awaitReady(awayMillis))
    orphans = yield* Effect.filter(orphans, isWanted)
  }
})
