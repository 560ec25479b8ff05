/** The answers that are not a route's success: both families of errors (one with codes, one without), plain text, and the empty ones. */
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"

export type Reply = HttpServerResponse.HttpServerResponse

export const json = (status: number, body: unknown): Reply => HttpServerResponse.unsafeJson(body, { status })

export const text = (status: number, sentence: string): Reply =>
  HttpServerResponse.text(sentence, { status, contentType: "text/plain; charset=utf-8" })

/** A plain GET of a WebSocket's path. */
export const notAnUpgrade = text(400, "Connection header did not include 'upgrade'")

export const unauthorized = json(401, {
  error: { code: "unauthorized", message: "Missing or invalid API key", retryable: false, statusCode: 401 }
})

/** A page that runs nothing and loads nothing. */
export const page = (html: string): Reply =>
  HttpServerResponse.text(html, {
    contentType: "text/html; charset=utf-8",
    headers: {
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer"
    }
  })

export const notFound: Reply = HttpServerResponse.empty({ status: 404 })

export const methodNotAllowed = (allow: ReadonlyArray<string>): Reply =>
  HttpServerResponse.empty({ status: 405, headers: { allow: allow.join(",") } })

/** `name` and `to` say what the request was about; further fields are ours and help to act. */
export const legacy = (status: number, error: string, fields: { readonly [key: string]: unknown } = {}): Reply =>
  json(status, { success: false, error, ...fields })

export const coded = (status: number, code: string, message: string): Reply => json(status, { code, message })

/** Serves both families, because a defect does not know which route it is on. It says nothing about the cause: the log does. */
export const internalError = json(500, {
  success: false,
  code: "internal_error",
  error: "internal error",
  message: "internal error"
})
