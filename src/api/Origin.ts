/**
 * Keeps web pages away from the API: a page that a person has open can reach a server on this machine, by its address or,
 * with DNS rebinding, under the page's own name. Pure.
 *
 * Rules: 1. an `Origin`, which browsers send, must be a page of this machine or of the API itself · 2. on a loopback bind the
 * `Host` must name this machine, for browsers and for whoever shows no key; a caller with the key and no sign of a browser
 * may come through a proxy under any name.
 */
import { isIP } from "node:net"

export interface OriginPolicy {
  /** The address the API listens on, as it was given. */
  readonly bind: string
  /** Further names under which it may be asked for (`RELAY_BROKER_ALLOWED_HOSTS`). */
  readonly allowedHosts: ReadonlyArray<string>
}

export interface BrowserHeaders {
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
