/**
 * The HTTP side: authentication, the envelope, idempotency keys and the HTTP faults around a table of routes.
 * One request is one synchronous step; only faults make an answer wait.
 */
import { createHash } from "node:crypto"
import { seen } from "./Agents.ts"
import { routes } from "./HttpRoutes.ts"
import { type Answer, type Core, type Fields, Refused, refuse } from "./Model.ts"

import type { Route } from "./Route.ts"
import { authenticate, bearer, type Caller, credentialKind } from "./Workspaces.ts"

export interface HttpCall {
  readonly method: string
  /** Without the query, percent-encoded as it came. */
  readonly path: string
  readonly query: { readonly [name: string]: string }
  /** Lower-case names. */
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** What becomes of the request: an answer after a while, a broken connection, or nothing ever. */
export type Outcome =
  | { readonly _tag: "Answer"; readonly answer: Answer; readonly afterMillis: number }
  | { readonly _tag: "Broken" }
  | { readonly _tag: "Never" }

const dayMillis = 24 * 3600 * 1000

const json = (status: number, value: unknown, headers: { readonly [name: string]: string } = {}): Answer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(value)
})

const failure = (status: number, code: string, message: string, headers?: { readonly [name: string]: string }) =>
  json(status, { ok: false, error: { code, message } }, headers)

const success = (status: number, data: unknown): Answer =>
  status === 204 ? { status, headers: {}, body: "" } : json(status, { ok: true, data })

const match = (route: Route, segments: ReadonlyArray<string>): { readonly [name: string]: string } | undefined => {
  if (route.pattern.length !== segments.length) return undefined
  const params: Record<string, string> = {}
  for (const [i, part] of route.pattern.entries()) {
    if (part.startsWith(":")) params[part.slice(1)] = segments[i]!
    else if (part !== segments[i]) return undefined
  }
  return params
}

const decodeSegments = (path: string): ReadonlyArray<string> => {
  try {
    return path.split("/").filter(Boolean).map(decodeURIComponent)
  } catch {
    return refuse(400, "invalid_request", "The path is not decodable")
  }
}

const readBody = (call: HttpCall): Fields => {
  if (call.body === "" || call.method === "GET") return {}
  let value: unknown
  try {
    value = JSON.parse(call.body)
  } catch {
    return refuse(400, "invalid_json", "The body is not JSON")
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuse(400, "invalid_request", "The body must be an object")
  return value as Fields
}

/** The same key and body again within a day: the stored answer. The same key with another body: 409. */
const idempotently = (core: Core, call: HttpCall, caller: Caller, run: () => Answer): Answer => {
  const key = call.headers["idempotency-key"] ?? call.headers["x-idempotency-key"]
  if (key === undefined || key === "") return run()
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) return refuse(400, "invalid_idempotency_key", "The key is not usable")
  const store = caller.workspace.idempotency
  const id = `${caller.agent?.id ?? ""} ${key}`
  const print = createHash("sha256").update(`${call.method} ${call.path}\n${call.body}`).digest("hex")
  const known = store.get(id)
  if (known !== undefined && known.expiresAt > core.now()) {
    if (known.print !== print) return refuse(409, "idempotency_key_reused", "The key was used for another request")
    return { ...known.answer, headers: { ...known.answer.headers, "idempotency-replayed": "true" } }
  }
  const answer = run()
  if (answer.status < 300) store.set(id, { print, expiresAt: core.now() + dayMillis, answer })
  return answer
}

const serve = (core: Core, call: HttpCall): Answer => {
  try {
    const segments = decodeSegments(call.path)
    const fitting = routes.flatMap((route) => {
      const params = match(route, segments)
      return params === undefined ? [] : [{ route, params }]
    })
    const found = fitting.find(({ route }) => route.method === call.method)
    if (found === undefined)
      return refuse(fitting.length > 0 ? 405 : 404, "not_found", `No route ${call.method} ${call.path}`)
    const { params, route } = found
    const caller =
      route.wants === "none" ? undefined : authenticate(core, bearer(call.headers["authorization"]), route.wants)
    if (caller?.agent !== undefined) seen(core, caller.agent)
    const run = (): Answer => {
      const context = { core, params, query: call.query, headers: call.headers, body: readBody(call) }
      // A route that wants no credential never looks at its caller.
      const { data, status } = route.handle({ ...context, caller: caller as Caller })
      return success(status, data)
    }
    return caller !== undefined && route.idempotent ? idempotently(core, call, caller, run) : run()
  } catch (error) {
    if (error instanceof Refused) return failure(error.status, error.code, error.reason)
    throw error
  }
}

const parse = (text: string): unknown => {
  try {
    return text === "" ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return text
  }
}

/** Handles one request, faults first, and records it. */
export const answerHttp = (core: Core, call: HttpCall): Outcome =>
  core.recorder.step(() => {
    if (call.path === "/v1/ws") core.recorder.observerSocketTried()
    const fault = core.faults.takeHttp(call)
    const answer =
      fault?._tag === "Hang" || fault?._tag === "Down"
        ? undefined
        : fault?._tag === "Refuse"
          ? failure(
              fault.status,
              fault.code,
              fault.message,
              fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) }
            )
          : serve(core, call)
    const lost = answer === undefined || fault?._tag === "LoseAnswer"
    core.recorder.emit({
      _tag: "Http",
      at: core.now(),
      method: call.method,
      path: call.path,
      query: call.query,
      credential: credentialKind(bearer(call.headers["authorization"])),
      headers: call.headers,
      body: parse(call.body),
      status: lost ? 0 : answer.status,
      response: answer === undefined ? undefined : parse(answer.body)
    })
    if (fault?._tag === "Down" || fault?._tag === "LoseAnswer") return { _tag: "Broken" }
    if (answer === undefined) return { _tag: "Never" }
    return { _tag: "Answer", answer, afterMillis: fault?._tag === "Delay" ? fault.millis : 0 }
  })
