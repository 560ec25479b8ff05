/** What a route is, and how it reads its request. A field of the wrong kind is 400 `invalid_request`. */
import { type Agent, type Core, type Fields, type Mode, refuse } from "./Model.ts"

import type { Caller, Wanted } from "./Workspaces.ts"

/** What a handler is given. `caller` is there unless the route wants no credential. */
export interface RouteContext {
  readonly core: Core
  readonly caller: Caller
  readonly params: { readonly [name: string]: string }
  readonly query: { readonly [name: string]: string }
  readonly headers: { readonly [name: string]: string }
  readonly body: Fields
}

export interface Route {
  readonly method: string
  readonly pattern: ReadonlyArray<string>
  readonly wants: Wanted
  /** Posts of messages honour `Idempotency-Key`. */
  readonly idempotent: boolean
  readonly handle: (c: RouteContext) => { readonly status: number; readonly data?: unknown }
}

export const route = (
  method: string,
  path: string,
  wants: Wanted,
  handle: Route["handle"],
  o: { readonly idempotent?: boolean } = {}
): Route => ({
  method,
  pattern: path.split("/").filter(Boolean),
  wants,
  idempotent: o.idempotent ?? false,
  handle
})

export const ok = (data: unknown) => ({ status: 200, data })
export const created = (data: unknown) => ({ status: 201, data })
export const gone = { status: 204 }

export const optionalString = (body: Fields, key: string): string | undefined => {
  const value = body[key]
  if (value === undefined || value === null) return undefined
  return typeof value === "string" ? value : refuse(400, "invalid_request", `${key} must be a string`)
}
export const string = (body: Fields, key: string): string => {
  const value = optionalString(body, key)
  return value === undefined || value === "" ? refuse(400, "invalid_request", `${key} is required`) : value
}
export const object = (body: Fields, key: string): Fields | undefined => {
  const value = body[key]
  if (value === undefined || value === null) return undefined
  return typeof value === "object" && !Array.isArray(value)
    ? (value as Fields)
    : refuse(400, "invalid_request", `${key} must be an object`)
}
export const strings = (body: Fields, key: string): ReadonlyArray<string> | undefined => {
  const value = body[key]
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : undefined
}
export const count = (body: Fields, key: string): number | undefined => {
  const value = body[key]
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined
}
export const draft = (body: Fields) => {
  const mode = optionalString(body, "mode")
  if (mode !== undefined && mode !== "wait" && mode !== "steer")
    return refuse(400, "invalid_request", "mode must be wait or steer")
  return {
    text: string(body, "text"),
    mode: mode as Mode | undefined,
    blocks: body["blocks"],
    metadata: object(body, "data")
  }
}
/** Routes that want "agent" have one. */
export const self = (c: RouteContext): Agent =>
  c.caller.agent ?? refuse(403, "agent_token_required", "This call needs an agent")
