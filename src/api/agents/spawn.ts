/** `POST /api/spawn`: reads the order, hands it to `Actions`, and says what came of it. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Actions, type SpawnError, type Spawned, type SpawnRequest } from "../../agents/Actions.ts"
import { Continuity } from "../../agents/Continuity.ts"
import { withContext } from "../../agents/continuityText.ts"
import { Broker } from "../../broker/Broker.ts"
import type { InvocationId } from "../../domain/Ids.ts"
import { SpawnBody } from "../Bodies.ts"
import { legacy, type Reply } from "../http/Reply.ts"
import { readJson } from "../http/requestBody.ts"
import type { SpawnResult } from "../Shapes.ts"
import { readSpawn, type SpawnOrder } from "../SpawnBody.ts"

/** All of them are 500, as clients expect; each names its stage, what another try may change says so, and a failed start shows its evidence. */
const refuse = (error: SpawnError, name: string): Reply => {
  switch (error._tag) {
    case "EngineUnavailable":
    case "RateLimited":
      return legacy(500, error.message, { name, stage: "register", retryable: true })
    case "AgentExists":
      return legacy(500, error.message, { name, stage: "validate" })
    case "BindFailed":
      return legacy(500, error.message, { name, stage: "bind" })
    case "SpawnFailed": {
      const { exitCode, lastOutput, logPath, signal, stage } = error
      return legacy(500, error.message, {
        name,
        stage,
        ...(exitCode === undefined ? {} : { exit_code: exitCode }),
        ...(signal === undefined ? {} : { signal }),
        ...(lastOutput === undefined ? {} : { last_output: lastOutput }),
        ...(logPath === undefined ? {} : { log_path: logPath })
      })
    }
    default:
      return legacy(500, error.message, { name, stage: "register" })
  }
}

const unregistered = "not known to the engine: it receives local messages only"

const result = ({ registered, worker }: Spawned): typeof SpawnResult.Type => ({
  success: true,
  name: worker.name,
  runtime: worker.runtime,
  model: worker.spec.model ?? null,
  sessionId: worker.spec.sessionRef ?? null,
  pid: worker.pid ?? null,
  pre_registered: registered,
  warning: registered ? null : unregistered
})

export interface SpawnOrigin {
  readonly source: SpawnRequest["source"]
  readonly invocationId?: InvocationId
}

/** The API's spawn, whichever way the request came: its result, or the refusal with its sentence. */
export const makeSpawner = Effect.gen(function* () {
  const actions = yield* Actions
  const { info } = yield* Broker
  const continuity = yield* Continuity

  /** With what a former session kept in front of its task; a missing file is only logged. */
  const continued = (order: SpawnOrder, body: SpawnBody): Effect.Effect<SpawnOrder> => {
    const from = (body.continue_from ?? body.continueFrom)?.trim() ?? ""
    if (from === "") return Effect.succeed(order)
    return Effect.map(
      continuity.find(from),
      Option.match({
        onNone: () => order,
        onSome: (kept) => ({ ...order, spec: { ...order.spec, task: withContext(kept, order.spec.task) } })
      })
    )
  }

  const spawn = (order: SpawnOrder, origin: SpawnOrigin) =>
    actions
      .spawn({
        spec: order.spec,
        ...origin,
        ...(order.suppliedToken === undefined ? {} : { suppliedToken: order.suppliedToken })
      })
      .pipe(
        Effect.map(result),
        Effect.mapError((error) => refuse(error, order.spec.name))
      )

  return (body: SpawnBody, origin: SpawnOrigin): Effect.Effect<typeof SpawnResult.Type, Reply> =>
    readSpawn(body, { channels: info.defaultChannels, cwd: process.cwd() }).pipe(
      Effect.flatMap((order) => continued(order, body)),
      Effect.flatMap((order) => spawn(order, origin))
    )
})

export const makeSpawnRoute = Effect.gen(function* () {
  const spawn = yield* makeSpawner
  const readBody = readJson(SpawnBody)

  /** A caller who leaves takes the spawn along: interruption undoes it. */
  return ({ request }: { readonly request: HttpServerRequest.HttpServerRequest }) =>
    readBody(request).pipe(
      Effect.flatMap((body) => spawn(body, { source: "http_api" })),
      Effect.merge
    )
})
