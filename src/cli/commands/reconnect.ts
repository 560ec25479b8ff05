/** `relay-broker reconnect` */
import * as Effect from "effect/Effect"
import { ReconnectResult } from "../../api/broker/api.ts"
import { type NodeSession, Status } from "../../api/Shapes.ts"
import type { ApiClient } from "../ApiClient.ts"
import { defineCommand, duration } from "../defineCommand.ts"
import { NotConnected } from "../Failures.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

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
