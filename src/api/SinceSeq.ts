/**
 * The query of the event routes: `sinceSeq`, or `since_seq`; 0 when absent. Ours: `epoch`, the run of the broker that
 * the number is of, as replays and gap notices tell it.
 */
import * as Either from "effect/Either"
import { queryOf } from "./queryOf.ts"

export interface Since {
  readonly seq: number
  readonly epoch: string | undefined
}

/** Left: the sentence to refuse with (400, `text/plain`). */
export const readSinceSeq = (url: string): Either.Either<Since, string> => {
  const query = queryOf(url)
  const given = query.get("sinceSeq") ?? query.get("since_seq") ?? "0"
  return /^\d{1,15}$/.test(given)
    ? Either.right({ seq: Number(given), epoch: query.get("epoch") ?? undefined })
    : Either.left("Failed to deserialize query string: sinceSeq: expected a non-negative integer")
}
