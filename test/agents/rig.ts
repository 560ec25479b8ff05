import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { Actions } from "../../src/actions/Actions.ts"
import { Preflight } from "../../src/agents/Preflight.ts"
import { Subscriptions } from "../../src/agents/Subscriptions.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { AgentTokens } from "../../src/tokens/AgentTokens.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { wholeBroker } from "../support/wholeBroker.ts"

export const makeBroker = Effect.gen(function* () {
  const { context, engine, pty } = yield* wholeBroker
  const actions = Context.get(context, Actions)
  yield* Context.get(context, NodeControl).awaitReady(5_000)
  yield* engine.registerAgent("alice")
  return {
    engine,
    pty,
    preflight: Context.get(context, Preflight),
    registry: Context.get(context, WorkerRegistry),
    subscriptions: Context.get(context, Subscriptions),
    tokens: Context.get(context, AgentTokens),
    spawn: (name: string) =>
      actions.spawn({
        source: "http_api",
        spec: { name: AgentName.make(name), cli: "program", args: [], channels: ["general"], cwd: "/" }
      })
  }
})

export { typed } from "../support/wholeBroker.ts"
