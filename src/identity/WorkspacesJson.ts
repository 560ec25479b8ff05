/**
 * `RELAY_WORKSPACES_JSON`: an array of memberships, `{memberships, default_workspace_id}`, or one membership;
 * snake or camel case. Pure.
 *
 * Invariants:
 * 1. Every entry has a well-formed key, or the whole list is an error that says which has not (the first is 1).
 * 2. A key counts once, however often it is listed.
 * 3. No error quotes the text, which holds keys.
 */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { ConfigInvalid } from "../domain/Errors.ts"
import { isRecord } from "../domain/Json.ts"
import type { WorkspaceKey } from "../engine/EngineApi.ts"
import { isCalled } from "./chooseWorkspace.ts"

export interface Membership {
  readonly key: WorkspaceKey
  /** As told beside the key; the engine knows better. */
  readonly workspaceId: string | undefined
  readonly alias: string | undefined
}

/** A workspace that somebody named as the default, by id or alias. */
export interface WantedDefault {
  readonly name: string
  /** The variable that names it. */
  readonly source: string
}

export interface Memberships {
  readonly items: ReadonlyArray<Membership>
  readonly wanted: WantedDefault | undefined
}

const source = "RELAY_WORKSPACES_JSON"
const invalid = (reason: string) => Either.left(new ConfigInvalid({ source, reason }))

export const isWorkspaceKey = (text: string): boolean => /^rk_[\x21-\x7e]+$/.test(text)
export const notAWorkspaceKey = "not a workspace key: those start with rk_"

const text = Schema.optionalWith(Schema.Trim, { nullable: true, default: () => "" })
const Item = Schema.Struct({
  api_key: text,
  apiKey: text,
  workspace_id: text,
  workspaceId: text,
  workspace_alias: text,
  workspaceAlias: text
})
const decodeItem = Schema.decodeUnknownEither(Item)
const decodeDefault = Schema.decodeUnknownEither(
  Schema.Struct({ default_workspace_id: text, defaultWorkspaceId: text })
)

const readItem = (value: unknown, index: number): Either.Either<Membership, ConfigInvalid> => {
  const entry = `membership ${index + 1}`
  const item = decodeItem(value)
  if (Either.isLeft(item)) return invalid(`${entry} has a field that is not text`)
  const { apiKey, api_key, workspaceAlias, workspaceId, workspace_alias, workspace_id } = item.right
  const key = api_key || apiKey
  if (key === "") return invalid(`${entry} has no api_key`)
  if (!isWorkspaceKey(key)) return invalid(`the api_key of ${entry} is ${notAWorkspaceKey}`)
  return Either.right({
    key: Redacted.make(key),
    workspaceId: workspace_id || workspaceId || undefined,
    alias: workspace_alias || workspaceAlias || undefined
  })
}

const parse = (json: string): Either.Either<unknown, ConfigInvalid> =>
  Either.try({ try: () => JSON.parse(json) as unknown, catch: () => new ConfigInvalid({ source, reason: "not JSON" }) })

const withoutRepeats = (items: ReadonlyArray<Membership>) => {
  const keys = items.map(({ key }) => Redacted.value(key))
  return items.filter((_, index) => keys.indexOf(keys[index]!) === index)
}

export const noSuchDefault = (wanted: WantedDefault, count: number) =>
  new ConfigInvalid({
    source: wanted.source,
    reason: `"${wanted.name}" is not among the ${count} workspaces of ${source}`
  })

/**
 * `preferred`: id or alias from `RELAY_DEFAULT_WORKSPACE`, which goes before the default in the text. A default that no
 * entry can turn out to be is an error already here.
 */
export const readMemberships = (
  json: string,
  preferred: string | undefined
): Either.Either<Memberships, ConfigInvalid> =>
  Either.gen(function* () {
    const value = yield* parse(json)
    const wrapped = isRecord(value) && Array.isArray(value["memberships"])
    const list: ReadonlyArray<unknown> = wrapped
      ? (value["memberships"] as Array<unknown>)
      : Array.isArray(value)
        ? value
        : [value]
    const items = withoutRepeats(yield* Either.all(list.map(readItem)))
    const own = yield* wrapped
      ? Either.mapLeft(decodeDefault(value), () => new ConfigInvalid({ source, reason: "the default is not text" }))
      : Either.right({ default_workspace_id: "", defaultWorkspaceId: "" })
    const named = own.default_workspace_id || own.defaultWorkspaceId
    const wanted =
      preferred !== undefined
        ? { name: preferred, source: "RELAY_DEFAULT_WORKSPACE" }
        : named === ""
          ? undefined
          : { name: named, source }
    const possible = (item: Membership) =>
      wanted === undefined || item.workspaceId === undefined || isCalled(wanted.name, item)
    if (wanted !== undefined && items.length > 0 && !items.some(possible)) {
      return yield* Either.left(noSuchDefault(wanted, items.length))
    }
    return { items, wanted }
  })
