/** The routes that change a running agent. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Subscription, Subscriptions } from "../../agents/Subscriptions.ts"
import { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import { ChannelsBody, ModelBody } from "../Bodies.ts"
import { legacy, type Reply } from "../http/Reply.ts"
import { readJson } from "../http/requestBody.ts"
import { LocalApi } from "../LocalApi.ts"
import type { ChannelsResult, ModelResult } from "../Shapes.ts"
import { unknownWorker } from "./findWorker.ts"

const modelLimits = { defaultMillis: 10_000, leastMillis: 100, mostMillis: 30_000 }

const modelMillis = (asked: number | undefined) =>
  Math.min(modelLimits.mostMillis, Math.max(modelLimits.leastMillis, asked ?? modelLimits.defaultMillis))

const cannotInterrupt = "interrupt is not supported: send a message with mode 'steer', which interrupts the turn first"

export const layerControl = HttpApiBuilder.group(LocalApi, "control", (handlers) =>
  Effect.gen(function* () {
    const registry = yield* WorkerRegistry
    const subscriptions = yield* Subscriptions
    const readModel = readJson(ModelBody)
    const readChannels = readJson(ChannelsBody)

    /** 500 for an unknown agent, as clients know it. */
    const setModel = (
      name: string,
      model: string,
      limitMillis: number
    ): Effect.Effect<typeof ModelResult.Type, Reply> =>
      Effect.gen(function* () {
        const found = yield* registry.find(name)
        if (Option.isNone(found)) return yield* Effect.fail(legacy(500, `unknown worker '${name}'`, { name }))
        const worker = found.value
        yield* worker.setModel(model).pipe(
          Effect.mapError((error) => legacy(500, error.message, { name })),
          Effect.disconnect,
          Effect.timeoutFail({
            duration: limitMillis,
            onTimeout: () => legacy(504, `'${name}' could not be typed to within ${limitMillis} ms`, { name })
          })
        )
        return { name: worker.name, model, success: true }
      })

    const change =
      (apply: Subscriptions["Type"]["subscribe"]) =>
      (name: string, channels: ReadonlyArray<unknown>): Effect.Effect<typeof ChannelsResult.Type, Reply> => {
        const change: Subscription = {
          name,
          channels: channels.filter((each): each is string => typeof each === "string")
        }
        return apply(change).pipe(
          Effect.mapError(() => unknownWorker(name)),
          Effect.map(({ channels, warnings }) => ({
            name,
            channels,
            ...(warnings.length === 0 ? {} : { warning: warnings.join("; ") })
          }))
        )
      }
    const subscribe = change(subscriptions.subscribe)
    const unsubscribe = change(subscriptions.unsubscribe)

    return handlers
      .handleRaw("model", ({ path, request }) =>
        readModel(request).pipe(
          Effect.flatMap((body) => {
            const model = body.model?.trim() ?? ""
            return model === ""
              ? Effect.fail(legacy(400, "Missing required field: model"))
              : setModel(path.name, model, modelMillis(body.timeout_ms ?? body.timeoutMs))
          }),
          Effect.merge
        )
      )
      .handleRaw("subscribe", ({ path, request }) =>
        readChannels(request).pipe(
          Effect.flatMap(({ channels }) => subscribe(path.name, channels)),
          Effect.merge
        )
      )
      .handleRaw("unsubscribe", ({ path, request }) =>
        readChannels(request).pipe(
          Effect.flatMap(({ channels }) => unsubscribe(path.name, channels)),
          Effect.merge
        )
      )
      .handleRaw("interrupt", ({ path }) => Effect.succeed(legacy(501, cannotInterrupt, { name: path.name })))
  })
)
