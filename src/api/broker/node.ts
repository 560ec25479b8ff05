/** The routes that act on the node session. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import { Broker } from "../../broker/Broker.ts"
import type { Drain } from "../../broker/Drain.ts"
import { NodeControl } from "../../node/NodeControl.ts"
import { json } from "../http/Reply.ts"
import { readOptionalJson } from "../http/requestBody.ts"
import { LocalApi } from "../LocalApi.ts"
import { iso, nodeSession } from "../Views.ts"
import { DrainBody, type DrainResult, defaultDrainSecs } from "./api.ts"

const drainView = ({ unfinished, untilMillis }: Drain): typeof DrainResult.Type => ({
  status: "draining",
  until: iso(untilMillis),
  unfinished
})

export const layerNode = HttpApiBuilder.group(LocalApi, "node", (handlers) =>
  Effect.gen(function* () {
    const broker = yield* Broker
    const node = yield* NodeControl
    const readDrain = readOptionalJson(DrainBody)

    return handlers
      .handle("reconnect", () =>
        Effect.gen(function* () {
          const before = yield* node.view
          yield* node.reconnect("asked for over the API")
          return { status: "reconnecting" as const, node: nodeSession(before) }
        })
      )
      .handleRaw("drain", ({ request }) =>
        readDrain(request).pipe(
          Effect.flatMap((body) => broker.requestDrain((body?.deadline_secs ?? defaultDrainSecs) * 1_000)),
          Effect.map((drain) => json(200, drainView(drain))),
          Effect.merge
        )
      )
      .handle("draining", () =>
        Effect.map(broker.drain, (drain) => ({ drain: drain === undefined ? null : drainView(drain) }))
      )
  })
)
