/** The routes about agents: spawn, list, release, and their terminals. */

import { randomBytes } from "node:crypto"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Actions } from "../../agents/Actions.ts"
import { AgentWatch } from "../../agents/AgentWatch.ts"
import { ResultTokens } from "../../agents/ResultTokens.ts"
import { type Subscription, Subscriptions } from "../../agents/Subscriptions.ts"
import { Events } from "../../events/Events.ts"
import { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import { ChannelsBody, ModelBody, ReleaseBody, ResultBody } from "../Bodies.ts"
import { legacy, type Reply } from "../http/Reply.ts"
import { readJson, readOptionalJson } from "../http/requestBody.ts"
import { type KeyHeaders, presentedToken } from "../http/security.ts"
import { LocalApi } from "../LocalApi.ts"
import type { Agent, ChannelsResult, ModelResult, ReleaseResult } from "../Shapes.ts"
import { agentEntry, exitedEntry } from "../Views.ts"
import { unknownWorker } from "./findWorker.ts"
import { makeSpawnRoute } from "./spawn.ts"
import { makeTerminalRoutes } from "./terminal.ts"

export const listAgents = (registry: WorkerRegistry["Type"]): Effect.Effect<ReadonlyArray<Agent>> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    return yield* Effect.forEach(yield* registry.list, (worker) =>
      Effect.map(Effect.all({ status: worker.status, channels: worker.channels, model: worker.model }), (current) =>
        agentEntry(worker, current, now)
      )
    )
  })

export const layerAgents = HttpApiBuilder.group(LocalApi, "agents", (handlers) =>
  Effect.gen(function* () {
    const actions = yield* Actions
    const registry = yield* WorkerRegistry
    const watch = yield* AgentWatch
    const spawn = yield* makeSpawnRoute
    const { input, resize } = yield* makeTerminalRoutes
    const readReason = readOptionalJson(ReleaseBody)

    const release = (name: string, reason: string | undefined): Effect.Effect<typeof ReleaseResult.Type> =>
      actions.release({ name, reason }).pipe(
        Effect.map(({ droppedDeliveries, exit }) => ({
          ...{ success: true as const, name, known: true },
          ...{ exit_code: exit?.exitCode ?? null, signal: exit?.signal ?? null },
          dropped_deliveries: droppedDeliveries
        })),
        Effect.catchTag("UnknownWorker", () =>
          Effect.succeed({
            ...{ success: true as const, name, known: false },
            ...{ exit_code: null, signal: null, dropped_deliveries: 0 }
          })
        )
      )

    return handlers
      .handleRaw("spawn", spawn)
      .handle("agents", () =>
        Effect.zipWith(listAgents(registry), watch.exited, (agents, exited) => ({
          agents,
          exited: exited.map(exitedEntry)
        }))
      )
      .handleRaw("release", ({ path, request }) =>
        readReason(request).pipe(
          Effect.flatMap((body) => release(path.name, body?.reason)),
          Effect.merge
        )
      )
      .handleRaw("input", input)
      .handleRaw("resize", resize)
  })
)

// The routes that change a running agent.

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

// Takes structured results from agents' programs and publishes them as `agent_result`.

const refuse = (code: string, reason: string) => legacy(401, `${code}: ${reason}`, { code })
const missing = refuse("missing_result_token", "send the agent's AGENT_RELAY_RESULT_TOKEN")
const invalid = refuse("invalid_result_token", "no agent here has this token")

export const layerResult = HttpApiBuilder.group(LocalApi, "result", (handlers) =>
  Effect.gen(function* () {
    const events = yield* Events
    const tokens = yield* ResultTokens
    const readBody = readJson(ResultBody)

    const agentOf = (headers: KeyHeaders) =>
      Effect.gen(function* () {
        const token = presentedToken("x-agent-result-token", headers)
        if (token === undefined) return yield* Effect.fail(missing)
        const agent = yield* tokens.agentOf(Redacted.make(token))
        return Option.isNone(agent) ? yield* Effect.fail(invalid) : agent.value
      })

    return handlers.handleRaw("agentResult", ({ request }) =>
      Effect.gen(function* () {
        const name = yield* agentOf(request.headers)
        const body = yield* readBody(request)
        const claimed = body.name ?? body.agent
        if (claimed !== undefined && claimed !== name) return yield* Effect.fail(invalid)
        const data = body.data ?? body.result
        if (data === undefined) return yield* Effect.fail(legacy(400, "Missing required field: data"))
        const result_id = `ar_${randomBytes(16).toString("hex")}`
        yield* events.publish({
          kind: "agent_result",
          name,
          result_id,
          data,
          final: body.final ?? body.final_result ?? true,
          metadata: body.metadata ?? null
        })
        return { success: true as const, name, result_id }
      }).pipe(Effect.merge)
    )
  })
)
