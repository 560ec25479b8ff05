/** The query of `GET /api/deliveries`: `agent`, any when absent or blank, and `limit`, 100 when absent. */
import * as Either from "effect/Either"

export const defaultLimit = 100
export const maxLimit = 1000

export interface RecentQuery {
  readonly agent: string | undefined
  readonly limit: number
}

/** Left: the sentence to refuse with. A limit that cannot be kept to is refused, not bent. */
export const readRecentQuery = (url: string): Either.Either<RecentQuery, string> => {
  const at = url.indexOf("?")
  const query = new URLSearchParams(at < 0 ? "" : url.slice(at + 1))
  const agent = query.get("agent")?.trim() || undefined
  const given = query.get("limit")
  if (given === null) return Either.right({ agent, limit: defaultLimit })
  const limit = /^\d{1,6}$/.test(given) ? Number(given) : 0
  return limit >= 1 && limit <= maxLimit
    ? Either.right({ agent, limit })
    : Either.left(`limit: expected a whole number from 1 to ${maxLimit}`)
}
