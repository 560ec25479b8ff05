/**
 * One entry in a JSON document that belongs to somebody else: set, and taken back. Plain functions over text.
 *
 * Invariants: 1. everything else in the document keeps its value and place · 2. an entry that says so already leaves the
 * text as it is · 3. only an entry that is still ours is removed, and what became empty by that with it.
 */
import { isDeepStrictEqual } from "node:util"
import * as Either from "effect/Either"
import { isRecord } from "../domain/Json.ts"

type Keys = readonly [string, ...ReadonlyArray<string>]
type Document = Readonly<Record<string, unknown>>

/** Undefined when the text is no JSON. */
export const parsedJson = (text: string): unknown => Either.getOrUndefined(Either.try((): unknown => JSON.parse(text)))

const documentOf = (text: string): Either.Either<Document, string> => {
  if (text.trim() === "") return Either.right({})
  const parsed = parsedJson(text)
  return isRecord(parsed) ? Either.right(parsed) : Either.left("it is not a JSON object")
}

const printed = (document: Document): string => `${JSON.stringify(document, null, 2)}\n`

const at = (document: unknown, keys: ReadonlyArray<string>): unknown =>
  keys.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), document)

const withEntry = (document: Document, [key, ...deeper]: Keys, value: unknown): Either.Either<Document, string> => {
  const [next, ...rest] = deeper
  if (next === undefined) return Either.right({ ...document, [key]: value })
  const below = document[key] ?? {}
  if (!isRecord(below)) return Either.left(`"${key}" in it is not an object`)
  return Either.map(withEntry(below, [next, ...rest], value), (changed) => ({ ...document, [key]: changed }))
}

/** Left says why it cannot be done. An absent document is an empty one. */
export const setEntry = (text: string | undefined, keys: Keys, value: unknown): Either.Either<string, string> =>
  Either.flatMap(documentOf(text ?? ""), (document) =>
    text !== undefined && isDeepStrictEqual(at(document, keys), value)
      ? Either.right(text)
      : Either.map(withEntry(document, keys, value), printed)
  )

const withoutEntry = (document: Document, [key, ...deeper]: Keys): Document => {
  const [next, ...rest] = deeper
  const { [key]: below, ...others } = document
  if (next === undefined || !isRecord(below)) return others
  const changed = withoutEntry(below, [next, ...rest])
  return Object.keys(changed).length === 0 ? others : { ...document, [key]: changed }
}

/** Left says why it was left alone. */
export const removeEntry = (text: string, keys: Keys, value: unknown): Either.Either<string, string> =>
  Either.flatMap(documentOf(text), (document) =>
    isDeepStrictEqual(at(document, keys), value)
      ? Either.right(printed(withoutEntry(document, keys)))
      : Either.left("the entry was changed by somebody else")
  )
