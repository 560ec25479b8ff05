/** The query of the event routes: `sinceSeq`, or `since_seq`; 0 when absent (S 2.8). */
import * as Either from "effect/Either"

/** Left: the sentence to refuse with (400, `text/plain`). */
export const readSinceSeq = (url: string): Either.Either<number, string> => {
  const at = url.indexOf("?")
  const query = new URLSearchParams(at < 0 ? "" : url.slice(at + 1))
  const given = query.get("sinceSeq") ?? query.get("since_seq")
  if (given === null) return Either.right(0)
  return /^\d{1,15}$/.test(given)
    ? Either.right(Number(given))
    : Either.left("Failed to deserialize query string: sinceSeq: expected a non-negative integer")
}
