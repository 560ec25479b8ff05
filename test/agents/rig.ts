import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { Actions } from "../../src/agents/Actions.ts"
import { Preflight } from "../../src/agents/Preflight.ts"
import { Subscriptions } from "../../src/agents/Subscriptions.ts"
import { Outbox } from "../../src/delivery/Outbox.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import type { BrokerEvent } from "../../src/events/Event.ts"
import { Events } from "../../src/events/Events.ts"
import { AgentTokens } from "../../src/node/AgentTokens.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { wholeBroker, wholeBrokerInTwo, wholeBrokerStored } from "../support/wholeBroker.ts"

const make = Effect.fnUntraced(function* (whole: typeof wholeBroker) {
  const { context, engine, pty, second, storePath } = yield* whole
  const events: Array<BrokerEvent> = []
  yield* Context.get(context, Events).listen((event) => void events.push(event))
  const actions = Context.get(context, Actions)
  yield* Context.get(context, NodeControl).awaitReady(5_000)
  yield* engine.registerAgent("alice")
  return {
    engine,
    events,
    pty,
    second,
    storePath,
    outbox: Context.get(context, Outbox),
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

export const makeBroker = make(wholeBroker)
export const makeBrokerStored = make(wholeBrokerStored)
export const makeBrokerInTwo = make(wholeBrokerInTwo)

export { typed } from "../support/wholeBroker.ts"
