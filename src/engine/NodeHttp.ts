/**
 * The HTTP client of the program, on Node's own `http` and `https`. Not `fetch`: loading Node's (undici, with a parser in
 * WebAssembly) takes 13 MB and 20 ms, and the program calls one host a few times a minute.
 */

import type * as HttpClient from "@effect/platform/HttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Layer from "effect/Layer"

/** Shorter than the 5 s after which many servers close a connection that rests: a call must not meet that moment. */
const restMillis = 4_000

/** Of connections that rest; what a burst of calls needed more is closed with its answers. */
const maxFreeSockets = 2

/** Connections are kept for the next call, and closed when they rested for 4 s. No redirect is followed. */
export const layer: Layer.Layer<HttpClient.HttpClient> = NodeHttpClient.layerWithoutAgent.pipe(
  Layer.provide(NodeHttpClient.makeAgentLayer({ keepAlive: true, maxFreeSockets, timeout: restMillis }))
)
