/** What is asked of an app server over HTTP (S 3.6), for the one protocol there is: opencode's. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { AppServer } from "../domain/AppServer.ts"
import { messageOf } from "../domain/Errors.ts"
import type { RelayMessage } from "../domain/Message.ts"
import { sanitiseInline } from "../injection/RelayLine.ts"

/** `retryable`: another try may succeed. `uncertain`: it may have been taken all the same. */
export class AppServerFailed extends Schema.TaggedError<AppServerFailed>()("AppServerFailed", {
  what: Schema.String,
  reason: Schema.String,
  retryable: Schema.Boolean,
  uncertain: Schema.Boolean
}) {
  override get message() {
    return `${this.what}: ${this.reason}`
  }
}

const limitMillis = 30_000

/** A header line of one line, a blank line, the message as it is. */
export const promptText = ({ from, target, text }: RelayMessage, mayBeRepeat: boolean): string => {
  const to = sanitiseInline(target).trim() || "agent"
  return `Relay message from ${sanitiseInline(from)} to ${to}${mayBeRepeat ? " (possible repeat)" : ""}:\n\n${text}`
}

const authorization = ({ auth }: AppServer): Readonly<Record<string, string>> => {
  switch (auth?.type) {
    case undefined:
      return {}
    case "bearer":
      return { authorization: `Bearer ${auth.token}` }
    case "basic":
      return { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}` }
  }
}

/** `fetch` hides why behind "fetch failed". */
const causeOf = (error: unknown): string => {
  const { cause } = error as { readonly cause?: { readonly code?: unknown; readonly message?: unknown } }
  return String(cause?.code ?? cause?.message ?? messageOf(error))
}

const call = (server: AppServer, what: string, method: "POST" | "DELETE", path: string, body?: unknown) => {
  const failed = (reason: string, retryable: boolean, uncertain = false) =>
    new AppServerFailed({ what, reason, retryable, uncertain })
  return Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(`${server.endpoint}/session/${encodeURIComponent(server.sessionId)}${path}`, {
        method,
        signal,
        redirect: "error",
        headers: { ...authorization(server), ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      await response.body?.cancel()
      return response.status
    },
    catch: (error) => failed(causeOf(error), true, true)
  }).pipe(
    Effect.timeoutFail({ duration: limitMillis, onTimeout: () => failed("no answer within 30 s", true, true) }),
    Effect.filterOrFail(
      (status) => status >= 200 && status < 300,
      (status) => failed(`HTTP ${status}`, status >= 500 || status === 408 || status === 429)
    ),
    Effect.asVoid
  )
}

/** The server has the message in its session's queue. */
export const prompt = (server: AppServer, text: string): Effect.Effect<void, AppServerFailed> =>
  call(server, "prompt", "POST", "/prompt_async", { parts: [{ type: "text", text }] })

/** What the policy says for a session whose agent is released. */
export const release = (server: AppServer): Effect.Effect<void, AppServerFailed> => {
  switch (server.release) {
    case "detach":
      return Effect.void
    case "abort":
      return call(server, "abort", "POST", "/abort")
    case "delete":
      return call(server, "delete", "DELETE", "")
  }
}
