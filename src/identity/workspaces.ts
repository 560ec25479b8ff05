/**
 * `RELAY_WORKSPACES_JSON`: an array of memberships, `{memberships, default_workspace_id}`, or one membership;
 * snake or camel case. Pure.
 *
 * Invariants:
 * 1. Every entry has a well-formed key, or the whole list is an error that says which has not (the first is 1).
 * 2. A key counts once, however often it is listed.
 * 3. No error quotes the text, which holds keys.
 */

import * as Arr from "effect/Array"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { ConfigInvalid } from "../domain/Errors.ts"
import { isRecord } from "../domain/Json.ts"
import type { WorkspaceKey } from "../engine/EngineApi.ts"

// Which of several workspaces is meant. Pure.
//
// Invariants:
// 1. An id decides alone; an alias, whatever its case, only where no id is given; neither: the default.
// 2. Nothing is guessed: an unknown name and an alias of two workspaces are errors that say what there is.

interface NamedWorkspace {
  readonly workspaceId: string | undefined
  readonly alias?: string | undefined
}

const sameAlias = (alias: string, { alias: own }: NamedWorkspace) => own?.toLowerCase() === alias.toLowerCase()

/** `name`: an id, or an alias in any case. */
export const isCalled = (name: string, workspace: NamedWorkspace): boolean =>
  workspace.workspaceId === name || sameAlias(name, workspace)

const list = (workspaces: ReadonlyArray<NamedWorkspace>) =>
  workspaces
    .map(({ alias, workspaceId = "?" }) => (alias === undefined ? workspaceId : `${workspaceId} (${alias})`))
    .join(", ")

export const chooseWorkspace = <A extends NamedWorkspace>(
  attached: ReadonlyArray<A>,
  o: {
    readonly defaultId: string
    readonly workspaceId: string | undefined
    readonly workspaceAlias: string | undefined
  }
): Either.Either<A, ConfigInvalid> => {
  const { defaultId, workspaceAlias: alias, workspaceId: id } = o
  const found = attached.filter((each) =>
    id === undefined && alias !== undefined ? sameAlias(alias, each) : each.workspaceId === (id ?? defaultId)
  )
  const [first] = found
  if (first !== undefined && found.length === 1) return Either.right(first)
  const problem = first === undefined ? "is not attached" : "is ambiguous"
  const reason = `workspace '${id ?? alias ?? defaultId}' ${problem}; attached: ${list(attached)}`
  return Either.left(new ConfigInvalid({ source: "workspace", reason }))
}

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

interface Memberships {
  readonly items: ReadonlyArray<Membership>
  readonly wanted: WantedDefault | undefined
}

const source = "RELAY_WORKSPACES_JSON"
const invalid = (reason: string) => Either.left(new ConfigInvalid({ source, reason }))

const isWorkspaceKey = (text: string): boolean => /^rk_[\x21-\x7e]+$/.test(text)
const notAWorkspaceKey = "not a workspace key: those start with rk_"

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
const readMemberships = (json: string, preferred: string | undefined): Either.Either<Memberships, ConfigInvalid> =>
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

// Which workspace keys this broker uses, and where they came from. Pure.
//
// Invariants:
// 1. The first of these that is not blank decides: `--workspace-key`, `RELAY_WORKSPACES_JSON`,
// `AGENT_RELAY_WORKSPACE_KEY`, `RELAY_WORKSPACE_KEY`, `RELAY_API_KEY`. (What is said on the command line goes before
// what may have been inherited; the rest is the order of broker 9.1.6.)
// 2. A value that is no workspace key is an error naming its source, never skipped for the next source; only
// `RELAY_API_KEY`, which other programs use too, is then ignored, and a note says so.
// 3. Only `RELAY_WORKSPACES_JSON` gives more than one, and only with it a default can be named.
// 4. No value of any source is part of an error or note.

export type WorkspaceKeyChoice = {
  /** For the log, as warnings. */
  readonly notes: ReadonlyArray<string>
} & (
  | {
      readonly _tag: "Given"
      /** The flag or variable. */
      readonly source: string
      readonly memberships: Arr.NonEmptyReadonlyArray<Membership>
      readonly wanted: WantedDefault | undefined
    }
  /** Nobody gave a key. */
  | { readonly _tag: "Create" }
)

interface WorkspaceKeyInput {
  readonly env: { readonly [name: string]: string | undefined }
  /** `--workspace-key`. */
  readonly flag?: Redacted.Redacted<string>
}

const json = "RELAY_WORKSPACES_JSON"

export const resolveWorkspaceKey = (o: WorkspaceKeyInput): Either.Either<WorkspaceKeyChoice, ConfigInvalid> => {
  const read = (name: string) => o.env[name]?.trim() || undefined
  const notes: Array<string> = []

  const given = (source: string, key: string) =>
    isWorkspaceKey(key)
      ? Either.right({
          _tag: "Given" as const,
          source,
          memberships: Arr.of({ key: Redacted.make(key), workspaceId: undefined, alias: undefined }),
          wanted: undefined,
          notes
        })
      : Either.left(new ConfigInvalid({ source, reason: notAWorkspaceKey }))

  const flag = o.flag === undefined ? undefined : Redacted.value(o.flag).trim() || undefined
  if (flag !== undefined) return given("--workspace-key", flag)

  const list = read(json)
  if (list !== undefined) {
    const listed = readMemberships(list, read("RELAY_DEFAULT_WORKSPACE"))
    if (Either.isLeft(listed)) return Either.left(listed.left)
    const { items, wanted } = listed.right
    if (Arr.isNonEmptyReadonlyArray(items)) {
      return Either.right({ _tag: "Given", source: json, memberships: items, wanted, notes })
    }
    notes.push(`${json} lists no workspace`)
  }
  for (const name of ["AGENT_RELAY_WORKSPACE_KEY", "RELAY_WORKSPACE_KEY"]) {
    const key = read(name)
    if (key !== undefined) return given(name, key)
  }
  const shared = read("RELAY_API_KEY")
  if (shared !== undefined && isWorkspaceKey(shared)) return given("RELAY_API_KEY", shared)
  if (shared !== undefined) notes.push("RELAY_API_KEY is not a workspace key (those start with rk_) and is ignored")
  return Either.right({ _tag: "Create", notes })
}
