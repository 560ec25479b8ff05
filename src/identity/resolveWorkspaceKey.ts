/**
 * Which workspace key this broker uses, and where it came from (S 7.2, design 4). Pure.
 *
 * Invariants:
 * 1. The first of these that is not blank decides: `--workspace-key`, `RELAY_WORKSPACES_JSON`,
 *    `AGENT_RELAY_WORKSPACE_KEY`, `RELAY_WORKSPACE_KEY`, `RELAY_API_KEY`. (What is said on the command line goes before
 *    what may have been inherited; the rest is the order of broker 9.1.6.)
 * 2. A value that is no workspace key is an error naming its source, never skipped for the next source; only
 *    `RELAY_API_KEY`, which other programs use too, is then ignored, and a note says so.
 * 3. No value of any source is part of an error or note.
 */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { ConfigInvalid } from "../domain/Errors.ts"
import type { WorkspaceKey } from "../engine/EngineApi.ts"
import { readMemberships } from "./WorkspacesJson.ts"

export type WorkspaceKeyChoice = {
  /** For the log, as warnings. */
  readonly notes: ReadonlyArray<string>
} & (
  | {
      readonly _tag: "Given"
      readonly key: WorkspaceKey
      /** The flag or variable. */
      readonly source: string
      /** As told beside the key; the engine knows better. */
      readonly workspaceId: string | undefined
      readonly alias: string | undefined
    }
  /** Nobody gave a key. */
  | { readonly _tag: "Create" }
)

export interface WorkspaceKeyInput {
  readonly env: { readonly [name: string]: string | undefined }
  /** `--workspace-key`. */
  readonly flag?: Redacted.Redacted<string>
}

const wellFormed = /^rk_[\x21-\x7e]+$/
const json = "RELAY_WORKSPACES_JSON"

export const resolveWorkspaceKey = (o: WorkspaceKeyInput): Either.Either<WorkspaceKeyChoice, ConfigInvalid> => {
  const read = (name: string) => o.env[name]?.trim() || undefined
  const notes: Array<string> = []

  const given = (source: string, key: string, workspaceId?: string, alias?: string) =>
    wellFormed.test(key)
      ? Either.right({ _tag: "Given" as const, key: Redacted.make(key), source, workspaceId, alias, notes })
      : Either.left(new ConfigInvalid({ source, reason: "not a workspace key: those start with rk_" }))

  const flag = o.flag === undefined ? undefined : Redacted.value(o.flag).trim() || undefined
  if (flag !== undefined) return given("--workspace-key", flag)

  const list = read(json)
  if (list !== undefined) {
    const memberships = readMemberships(list, read("RELAY_DEFAULT_WORKSPACE"))
    if (Either.isLeft(memberships)) return Either.left(memberships.left)
    const { chosen, others } = memberships.right
    if (chosen === undefined) notes.push(`${json} lists no workspace`)
    else {
      if (others > 0) notes.push(`${json} lists ${others} more: this broker serves one workspace`)
      return given(json, chosen.key, chosen.workspaceId, chosen.alias)
    }
  }
  for (const name of ["AGENT_RELAY_WORKSPACE_KEY", "RELAY_WORKSPACE_KEY"]) {
    const key = read(name)
    if (key !== undefined) return given(name, key)
  }
  const shared = read("RELAY_API_KEY")
  if (shared !== undefined && wellFormed.test(shared)) return given("RELAY_API_KEY", shared)
  if (shared !== undefined) notes.push("RELAY_API_KEY is not a workspace key (those start with rk_) and is ignored")
  return Either.right({ _tag: "Create", notes })
}
