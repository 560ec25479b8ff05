/**
 * Which workspace keys this broker uses, and where they came from. Pure.
 *
 * Invariants:
 * 1. The first of these that is not blank decides: `--workspace-key`, `RELAY_WORKSPACES_JSON`,
 *    `AGENT_RELAY_WORKSPACE_KEY`, `RELAY_WORKSPACE_KEY`, `RELAY_API_KEY`. (What is said on the command line goes before
 *    what may have been inherited; the rest is the order of broker 9.1.6.)
 * 2. A value that is no workspace key is an error naming its source, never skipped for the next source; only
 *    `RELAY_API_KEY`, which other programs use too, is then ignored, and a note says so.
 * 3. Only `RELAY_WORKSPACES_JSON` gives more than one, and only with it a default can be named.
 * 4. No value of any source is part of an error or note.
 */
import * as Arr from "effect/Array"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { ConfigInvalid } from "../domain/Errors.ts"
import {
  isWorkspaceKey,
  type Membership,
  notAWorkspaceKey,
  readMemberships,
  type WantedDefault
} from "./WorkspacesJson.ts"

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

export interface WorkspaceKeyInput {
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
