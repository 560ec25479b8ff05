/**
 * Finds what a terminal shall run before anything is forked, so that a missing program or directory is an error with a
 * name and not an exit code. Shims keep their own path: a version manager's link acts by the name it is called by.
 */
import { constants } from "node:fs"
import { access, stat } from "node:fs/promises"
import { delimiter, isAbsolute, join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import { PtySpawnError } from "./Pty.ts"

export interface Lookup {
  readonly command: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** The path to execute. A name with a separator or a leading dot is a path below `cwd`, anything else is looked up. */
export const findCommand = ({ command, cwd, env }: Lookup): Effect.Effect<string, PtySpawnError> =>
  Effect.gen(function* () {
    const fail = (reason: string) => new PtySpawnError({ command, reason })
    if (!(yield* isDirectory(cwd))) return yield* fail(`no such directory: ${cwd}`)
    if (command === "") return yield* fail("command not found: the command is empty")
    const isPath = command.includes("/") || command.startsWith(".")
    const candidates = isPath
      ? [resolve(cwd, command)]
      : searchPath(env).map((directory) => join(resolve(cwd, directory), command))
    let forbidden: string | undefined
    for (const candidate of candidates) {
      const found = yield* inspect(candidate)
      if (found === "program") return candidate
      if (found === "not executable") forbidden ??= candidate
    }
    return yield* fail(forbidden === undefined ? `command not found: ${command}` : `not executable: ${forbidden}`)
  })

/** Directories of `PATH`; the built-in list when it is empty. An empty segment is skipped: it would mean the working directory. */
export const searchPath = (env: Readonly<Record<string, string>>): ReadonlyArray<string> => {
  const listed = (env["PATH"] ?? "").split(delimiter).filter((segment) => segment !== "")
  if (listed.length > 0) return listed
  const home = env["HOME"]
  const own = home !== undefined && isAbsolute(home) ? [".local/bin", ".opencode/bin", ".claude/local"] : []
  return [...own.map((directory) => join(home!, directory)), "/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin"]
}

const isDirectory = (path: string) =>
  Effect.promise(() =>
    stat(path).then(
      (entry) => entry.isDirectory(),
      () => false
    )
  )

const inspect = (path: string): Effect.Effect<"program" | "not executable" | "absent"> =>
  Effect.promise(async () => {
    try {
      if (!(await stat(path)).isFile()) return "absent"
    } catch {
      return "absent" // a dangling link, a file in the place of a directory, no permission to look
    }
    return access(path, constants.X_OK).then(
      () => "program" as const,
      () => "not executable" as const
    )
  })
