/** The broker's own event stream as lines: what happens to each agent and to each message on its way. */
import * as Effect from "effect/Effect"
import type { BrokerProcess, BrokerProcessEvent } from "../../src/testing/BrokerProcess.ts"
import type { Print } from "./Printer.ts"

const lines: { readonly [kind: string]: (event: BrokerProcessEvent) => readonly [step: string, detail: string] } = {
  agent_bound: (event) => ["bound", `${event["name"]} is agent ${event["agent_id"]} of this node`],
  agent_spawned: (event) => ["spawned", `${event["name"]} (pid ${event["pid"]})`],
  worker_ready: (event) => ["ready", `${event["name"]}: its program reads its terminal`],
  relay_inbound: (event) => ["received", `${event["event_id"]} from ${event["from"]} to ${event["target"]}`],
  delivery_typing: (event) => ["typed", `${event["event_id"]} into the terminal of ${event["name"]}`],
  delivery_injected: (event) => ["submitted", `${event["event_id"]}: Enter for ${event["name"]}`],
  delivery_verified: (event) => ["confirmed", `${event["event_id"]} at ${event["name"]} by ${event["evidence"]}`],
  alert_raised: (event) => ["alert", `${event["code"]}: ${event["message"]}`],
  alert_resolved: (event) => ["resolved", `${event["code"]}: ${event["subject"]}`],
  agent_exited: (event) => ["exited", `${event["name"]} with code ${event["code"]}`],
  agent_released: (event) => ["released", String(event["name"])]
}

/** Prints until the scope ends. */
export const follow = (broker: BrokerProcess, print: Print) =>
  Effect.gen(function* () {
    const events = yield* broker.events()
    yield* Effect.gen(function* () {
      const event = yield* events.take
      const line = lines[event.kind]?.(event)
      if (line !== undefined) print(line[0], line[1])
    }).pipe(
      Effect.catchTag("NoSuchElementException", () => Effect.interrupt),
      Effect.forever,
      Effect.forkScoped
    )
  })
