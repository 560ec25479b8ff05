/**
 * Which of several workspaces is meant. Pure.
 *
 * Invariants:
 * 1. An id decides alone; an alias, whatever its case, only where no id is given; neither: the default.
 * 2. Nothing is guessed: an unknown name and an alias of two workspaces are errors that say what there is.
 */
import * as Either from "effect/Either"
import { ConfigInvalid } from "../domain/Errors.ts"

export interface NamedWorkspace {
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
