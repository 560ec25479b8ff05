/**
 * Stands before every route: the key first, so that nothing is learnt without it; then pages of other origins; then 404 and
 * 405 with the bodies that clients know (the platform's own are different); a defect is logged whole and answered
 * with one line.
 */

import { createHash, timingSafeEqual } from "node:crypto"
import { isIP } from "node:net"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import { isPublic } from "./described.ts"
import { coded, internalError, methodNotAllowed, notFound, type Reply, unauthorized } from "./Reply.ts"
import { methodsOf, pathOf } from "./routeTable.ts"

// Keeps web pages away from the API: a page that a person has open can reach a server on this machine, by its address or,
// with DNS rebinding, under the page's own name. Pure.
//
// Rules: 1. an `Origin`, which browsers send, must be a page of this machine or of the API itself · 2. on a loopback bind the
// `Host` must name this machine, for browsers and for whoever shows no key; a caller with the key and no sign of a browser
// may come through a proxy under any name.

export interface OriginPolicy {
  /** The address the API listens on, as it was given. */
  readonly bind: string
  /** Further names under which it may be asked for (`RELAY_BROKER_ALLOWED_HOSTS`). */
  readonly allowedHosts: ReadonlyArray<string>
}

interface BrowserHeaders {
  readonly [name: string]: string | ReadonlyArray<string> | undefined
}

export const isLoopback = (host: string): boolean => {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase()
  if (name === "localhost" || name.endsWith(".localhost") || name === "::1") return true
  return isIP(name) === 4 && name.startsWith("127.")
}

const single = (value: BrowserHeaders[string]): string | undefined => (typeof value === "string" ? value : value?.[0])

/** `[::1]:80` → `[::1]`, `name:80` → `name`; undefined for what is no host. */
const hostOf = (authority: string): string | undefined =>
  /^(\[[0-9a-f:.]+\]|[^:/@\s]+)(?::\d{1,5})?$/i.exec(authority)?.[1]

const originHost = (origin: string): string | undefined =>
  URL.canParse(origin) && /^https?:$/.test(new URL(origin).protocol) ? new URL(origin).host : undefined

/** Undefined when the request may go on, else why not. */
export const refusal =
  (policy: OriginPolicy) =>
  (headers: BrowserHeaders, hasKey: boolean): string | undefined => {
    const origin = single(headers["origin"])
    const host = single(headers["host"])
    const fromBrowser = origin !== undefined || headers["sec-fetch-site"] !== undefined
    if (origin !== undefined) {
      const from = originHost(origin)
      const isOwn = from !== undefined && from === host?.toLowerCase()
      if (from === undefined || !(isOwn || isLoopback(hostOf(from) ?? "")))
        return `origin ${shown(origin)} is not allowed`
    }
    // HTTP/1.0 has no Host, and no browser speaks it.
    if (host === undefined || !isLoopback(policy.bind) || (hasKey && !fromBrowser)) return undefined
    const name = hostOf(host)?.toLowerCase()
    const known = name !== undefined && (isLoopback(name) || policy.allowedHosts.includes(name))
    return known ? undefined : `host ${shown(host)} is not allowed`
  }

const shown = (value: string) => JSON.stringify(value.slice(0, 100))

interface Gate {
  readonly hasKey: (headers: KeyHeaders) => boolean
  readonly origins: OriginPolicy
}

/** The refusal of a request to this path, before any route looks at it. */
export const makeGate = ({ hasKey, origins }: Gate) => {
  const foreign = refusal(origins)
  return (path: string, headers: KeyHeaders): Reply | undefined => {
    const keyed = hasKey(headers)
    if (!isPublic(path) && !keyed) return unauthorized
    const reason = foreign(headers, keyed)
    return reason === undefined ? undefined : coded(403, "forbidden_origin", reason)
  }
}

export const guard = (gate: ReturnType<typeof makeGate>) =>
  HttpMiddleware.make((app) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const path = pathOf(request.url)
      const refused = gate(path, request.headers)
      if (refused !== undefined) return Effect.succeed(refused)
      // Asked before the router, which takes an empty segment for a parameter: `DELETE /api/dead-letters/`.
      const methods = methodsOf(path)
      if (methods.length === 0) return Effect.succeed(notFound)
      return app.pipe(
        Effect.catchIf(Predicate.isTagged("RouteNotFound"), () => Effect.succeed(methodNotAllowed(methods))),
        Effect.catchAllDefect((defect) =>
          Effect.logError("API request died", Cause.die(defect)).pipe(
            Effect.annotateLogs({ method: request.method, path }),
            Effect.as(internalError)
          )
        )
      )
    })
  )

// The key of the local API: `X-API-Key` first, a blank one counts as none, else `Authorization: Bearer`.

export interface KeyHeaders {
  readonly [name: string]: string | ReadonlyArray<string> | undefined
}

const soleValue = (value: KeyHeaders[string]) => (typeof value === "string" ? value : value?.[0])

export const bearerToken = (headers: KeyHeaders): string | undefined =>
  /^bearer\s+(\S.*)$/i.exec(soleValue(headers["authorization"])?.trim() ?? "")?.[1]

/** `header` first, a blank one counts as none; else a bearer token. */
export const presentedToken = (header: string, headers: KeyHeaders): string | undefined => {
  const key = soleValue(headers[header])?.trim()
  return key !== undefined && key !== "" ? key : bearerToken(headers)
}

const digest = (text: string) => createHash("sha256").update(text).digest()

/** Takes the same time for every wrong key: digests of equal length are compared. */
export const keyChecker = (apiKey: Redacted.Redacted<string>): ((headers: KeyHeaders) => boolean) => {
  const expected = digest(Redacted.value(apiKey))
  return (headers) => {
    const key = presentedToken("x-api-key", headers)
    return key !== undefined && timingSafeEqual(digest(key), expected)
  }
}
