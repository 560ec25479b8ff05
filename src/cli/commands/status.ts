/** `relay-broker status` */
import * as Effect from "effect/Effect"
import { DrainResult, DrainState, defaultDrainSecs, ReconnectResult } from "../../api/broker/api.ts"
import { Health, type NodeSession, Session, ShutdownResult, Status } from "../../api/Shapes.ts"
import type { ApiClient } from "../ApiClient.ts"
import { awaitGone } from "../awaitGone.ts"
import { defineCommand, duration, flag } from "../defineCommand.ts"
import { NotConnected } from "../Failures.ts"
import { harmless } from "../Paint.ts"
import { statusLines } from "../Views.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

export const status = defineCommand({
  name: "status",
  summary: "Show the broker, its node session, its agents and what waits.",
  parameters: brokerParameters,
  positionals: {},
  examples: ["relay-broker status", "relay-broker status --json | jq .status.node"],
  run: (given) =>
    withBroker(given, ({ call, url }) =>
      Effect.gen(function* () {
        const [health, session, state] = yield* Effect.all(
          [
            call({ method: "GET", path: "/health", answer: Health }),
            call({ method: "GET", path: "/api/session", answer: Session }),
            call({ method: "GET", path: "/api/status", answer: Status })
          ],
          { concurrency: "unbounded" }
        )
        // Not the session as it came: it holds the workspace key.
        const { mode, relay_base_url } = session.value
        yield* given.json
          ? printJson({ url, mode, relay_base_url, health: health.raw, status: state.raw })
          : printLines(
              statusLines({ url, mode, relayBaseUrl: relay_base_url, health: health.value, status: state.value })
            )
      })
    )
})

// `relay-broker stop`

const patienceSeconds = 30

export const stop = defineCommand({
  name: "stop",
  summary: "Stop the broker and its agents, in order; returns when it is gone.",
  parameters: brokerParameters,
  positionals: {},
  examples: ["relay-broker stop"],
  run: (given) =>
    withBroker(given, (client) =>
      Effect.gen(function* () {
        yield* client.call({ method: "POST", path: "/api/shutdown", answer: ShutdownResult })
        yield* awaitGone(client, patienceSeconds)
        yield* given.json ? printJson({ stopped: true, url: client.url }) : printLines(["stopped"])
      })
    )
})

// `relay-broker drain`

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

// `relay-broker reconnect`

const defaultWaitMillis = 10_000

/** Registered anew: a session that was ready before does not count. */
const awaitNew = ({ call }: ApiClient, before: NodeSession, waitMillis: number) =>
  Effect.gen(function* () {
    let left = waitMillis
    for (;;) {
      const { node } = (yield* call({ method: "GET", path: "/api/status", answer: Status })).value
      if (node.sessions > before.sessions || left <= 0) return node
      yield* Effect.sleep(200)
      left -= 200
    }
  })

export const reconnect = defineCommand({
  name: "reconnect",
  summary: "End the session with the engine, or its wait, and begin a new one at once.",
  parameters: {
    wait: duration("wait", "How long to wait for the new session (default: 10s). 0s: not at all."),
    ...brokerParameters
  },
  positionals: {},
  examples: ["relay-broker reconnect", "relay-broker reconnect --wait 60s"],
  run: (given) =>
    withBroker(given, (client) =>
      Effect.gen(function* () {
        const { raw, value } = yield* client.call({
          method: "POST",
          path: "/api/node/reconnect",
          answer: ReconnectResult
        })
        const waitMillis = given.wait ?? defaultWaitMillis
        if (waitMillis === 0) return yield* given.json ? printJson(raw) : printLines(["reconnecting"])
        const node = yield* awaitNew(client, value.node, waitMillis)
        if (node.sessions === value.node.sessions) {
          const { reason, state } = node
          return yield* new NotConnected({ state, reason, afterSeconds: Math.ceil(waitMillis / 1_000) })
        }
        yield* given.json ? printJson({ status: "connected", node }) : printLines([`connected as ${node.node_name}`])
      })
    )
})
