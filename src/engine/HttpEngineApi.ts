/**
 * `EngineApi` over HTTP. Which calls are repeated, and why that is safe, stands with each of them; how, in `RetryPolicy`.
 *
 * A second `POST /v1/workspaces` or `POST /v1/agents` would make a second workspace or meet its own agent as a 409, so
 * these are repeated only when the first certainly was not executed. Minting and rotating are repeated freely: the last
 * answer holds the token that counts. Posts of messages and mints carry an idempotency key.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { EngineApi } from "./EngineApi.ts"
import { make as makeRunner } from "./EngineCall.ts"
import { actionCalls } from "./http/actionCalls.ts"
import { agentCalls } from "./http/agentCalls.ts"
import { messageCalls } from "./http/messageCalls.ts"
import { nodeCalls } from "./http/nodeCalls.ts"
import { workspaceCalls } from "./http/workspaceCalls.ts"

const make = (o: { readonly baseUrl: string }) =>
  Effect.gen(function* () {
    const baseUrl = o.baseUrl.replace(/\/+$/, "")
    const run = yield* makeRunner({ baseUrl })
    return EngineApi.of({
      baseUrl,
      ...workspaceCalls(run),
      ...agentCalls(run),
      ...nodeCalls(run),
      ...actionCalls(run),
      ...messageCalls(run)
    })
  })

/** `baseUrl` with or without a trailing slash, with or without a path. */
export const layer = (o: { readonly baseUrl: string }): Layer.Layer<EngineApi, never, HttpClient.HttpClient> =>
  Layer.effect(EngineApi, make(o))
