/** `relay-broker drain` */
import * as Effect from "effect/Effect"
import { DrainResult, DrainState, defaultDrainSecs } from "../../api/broker/api.ts"
import type { ApiClient } from "../ApiClient.ts"
import { awaitGone } from "../awaitGone.ts"
import { defineCommand, duration, flag } from "../defineCommand.ts"
import { harmless } from "../Paint.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

/** What a broker needs to stop in order once the drain is over. */
const stopSeconds = 30

const waitsFor = (names: ReadonlyArray<string>) =>
  names.length === 0 ? "every agent is done" : `waiting for ${names.map(harmless).join(", ")}`

/** Says whenever somebody else is waited for; ends when the broker no longer answers. */
const follow = (client: ApiClient, first: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    let said = waitsFor(first)
    for (;;) {
      yield* Effect.sleep("500 millis")
      const state = yield* Effect.option(client.call({ method: "GET", path: "/api/drain", answer: DrainState }))
      if (state._tag === "None" || state.value.value.drain === null) return
      const now = waitsFor(state.value.value.drain.unfinished)
      if (now !== said) yield* printLines([now])
      said = now
    }
  })

export const drain = defineCommand({
  name: "drain",
  summary:
    "Stop when the agents are done: no new spawns, the engine is told, and at the deadline whoever is left is ended. Returns when the broker is gone.",
  parameters: {
    deadline: duration("deadline", `How long agents may take (default: ${defaultDrainSecs / 60}m). 0s: not at all.`),
    noWait: flag("no-wait", "Return at once."),
    ...brokerParameters
  },
  positionals: {},
  examples: ["relay-broker drain", "relay-broker drain --deadline 90s", "relay-broker drain --no-wait --deadline 1h"],
  run: (given) =>
    withBroker(given, (client) =>
      Effect.gen(function* () {
        const secs = Math.ceil((given.deadline ?? defaultDrainSecs * 1_000) / 1_000)
        const body = { deadline_secs: secs }
        const { raw, value } = yield* client.call({ method: "POST", path: "/api/drain", answer: DrainResult, body })
        if (given.noWait) {
          return yield* given.json
            ? printJson(raw)
            : printLines([`draining until ${value.until}; ${waitsFor(value.unfinished)}`])
        }
        if (!given.json) {
          yield* printLines([`draining until ${value.until}`, waitsFor(value.unfinished)])
          yield* follow(client, value.unfinished)
        }
        yield* awaitGone(client, secs + stopSeconds)
        yield* given.json ? printJson({ stopped: true, url: client.url }) : printLines(["stopped"])
      })
    )
})
