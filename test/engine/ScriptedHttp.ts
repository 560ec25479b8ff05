/** An `HttpClient` that answers from a script, in order, and keeps every request as it would have gone over the wire. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: unknown
  readonly atMillis: number
}

export type Step =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | { readonly raw: string; readonly status: number; readonly headers?: Record<string, string> }
  /** The exchange fails as fetch fails: a TypeError with the errno on its cause. */
  | { readonly errno: string }
  | "hang"

export const ok = (data: unknown, status = 200): Step => ({ status, body: { ok: true, data } })
export const refusal = (status: number, code: string, message = "no", headers: Record<string, string> = {}): Step => ({
  status,
  body: { ok: false, error: { code, message } },
  headers
})

export const scripted = (steps: ReadonlyArray<Step>) => {
  const seen: Array<Seen> = []
  const left = [...steps]
  const client = HttpClient.make((request, url) =>
    Effect.gen(function* () {
      const body =
        request.body._tag === "Uint8Array" ? JSON.parse(new TextDecoder().decode(request.body.body)) : undefined
      seen.push({
        method: request.method,
        url: url.href,
        headers: { ...request.headers },
        body,
        atMillis: yield* Clock.currentTimeMillis
      })
      const step = left.shift()
      if (step === undefined) return yield* Effect.dieMessage(`no answer scripted for ${request.method} ${url.href}`)
      if (step === "hang") return yield* Effect.never
      if ("errno" in step) {
        const cause = new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: step.errno }) })
        return yield* new HttpClientError.RequestError({ request, reason: "Transport", cause })
      }
      const text = "raw" in step ? step.raw : step.body === undefined ? null : JSON.stringify(step.body)
      return HttpClientResponse.fromWeb(
        request,
        new Response(text, { status: step.status, headers: step.headers ?? {} })
      )
    })
  )
  return { seen, left, layer: Layer.succeed(HttpClient.HttpClient, client) }
}
