/** The key of the local API: `X-API-Key` first, a blank one counts as none, else `Authorization: Bearer`. */
import { createHash, timingSafeEqual } from "node:crypto"
import * as Redacted from "effect/Redacted"

export interface KeyHeaders {
  readonly [name: string]: string | ReadonlyArray<string> | undefined
}

const single = (value: KeyHeaders[string]) => (typeof value === "string" ? value : value?.[0])

export const bearerToken = (headers: KeyHeaders): string | undefined =>
  /^bearer\s+(\S.*)$/i.exec(single(headers["authorization"])?.trim() ?? "")?.[1]

/** `header` first, a blank one counts as none; else a bearer token. */
export const presentedToken = (header: string, headers: KeyHeaders): string | undefined => {
  const key = single(headers[header])?.trim()
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
