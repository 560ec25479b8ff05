/**
 * `RELAY_WORKSPACES_JSON` (S 7.3): an array of memberships, `{memberships, default_workspace_id}`, or one membership;
 * snake or camel case. Pure; no error quotes the text, which holds keys.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { ConfigInvalid } from "../domain/Errors.ts"
import { isRecord } from "../domain/Json.ts"

export interface Membership {
  readonly key: string
  readonly workspaceId: string | undefined
  readonly alias: string | undefined
}

export interface Memberships {
  /** The one this broker serves: the default, or else the first. Absent when the list is empty. */
  readonly chosen: Membership | undefined
  readonly others: number
}

const source = "RELAY_WORKSPACES_JSON"
const invalid = (reason: string) => Either.left(new ConfigInvalid({ source, reason }))

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

const readItem = (value: unknown): Either.Either<Membership, ConfigInvalid> => {
  const item = decodeItem(value)
  if (Either.isLeft(item)) return invalid("a membership has a field that is not text")
  const { apiKey, api_key, workspaceAlias, workspaceId, workspace_alias, workspace_id } = item.right
  const key = api_key || apiKey
  if (key === "") return invalid("a membership has no api_key")
  return Either.right({
    key,
    workspaceId: workspace_id || workspaceId || undefined,
    alias: workspace_alias || workspaceAlias || undefined
  })
}

const parse = (json: string): Either.Either<unknown, ConfigInvalid> =>
  Either.try({ try: () => JSON.parse(json) as unknown, catch: () => new ConfigInvalid({ source, reason: "not JSON" }) })

/** `preferred`: id or alias from `RELAY_DEFAULT_WORKSPACE`, which goes before the default in the text. */
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
    const items = yield* Either.all(list.map(readItem))
    const own = yield* wrapped
      ? Either.mapLeft(decodeDefault(value), () => new ConfigInvalid({ source, reason: "the default is not text" }))
      : Either.right({ default_workspace_id: "", defaultWorkspaceId: "" })
    const wanted = preferred ?? (own.default_workspace_id || own.defaultWorkspaceId || undefined)
    const named = items.find((item) => wanted !== undefined && (item.workspaceId === wanted || item.alias === wanted))
    if (wanted !== undefined && named === undefined && items.length > 0) {
      return yield* Either.left(
        new ConfigInvalid({
          source: preferred === undefined ? source : "RELAY_DEFAULT_WORKSPACE",
          reason: `"${wanted}" is not among the ${items.length} workspaces of ${source}`
        })
      )
    }
    return { chosen: named ?? items[0], others: Math.max(0, items.length - 1) }
  })
