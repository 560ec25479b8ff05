/** Takes back what an `UndoRecord` says. Never fails: what cannot be taken back is said, with what is left. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { LaunchFailed } from "../domain/Errors.ts"
import { type CommandPlace, runCommand } from "./commands.ts"
import { removeEntry } from "./jsonEntry.ts"
import type { CommandUndo, EntryUndo, UndoRecord } from "./UndoRecord.ts"
import * as userFile from "./userFile.ts"

export const removeTimeoutMillis = 5_000

const bytes = (base64: string) => Buffer.from(base64, "base64")

const isEmpty = (document: string) => document.trim() === "{}"

const undoEntry = ({ keys, madeDirectories, original, path, value, written }: EntryUndo) =>
  Effect.gen(function* () {
    const now = yield* userFile.read(path)
    if (now === undefined) return
    if (now.equals(bytes(written))) {
      yield* original === null ? userFile.remove(path) : userFile.write(path, bytes(original))
      return yield* userFile.removeEmpty(madeDirectories)
    }
    // Somebody wrote the file meanwhile: only our entry goes.
    const left = removeEntry(now.toString(), keys, value)
    if (Either.isLeft(left)) return yield* Effect.logWarning(`${keys.join(".")} stays in ${path}: ${left.left}`)
    // What is left of a file that was not there before is nobody's, unless somebody wrote into it.
    if (original !== null || !isEmpty(left.right)) return yield* userFile.write(path, Buffer.from(left.right))
    yield* userFile.remove(path)
    yield* userFile.removeEmpty(madeDirectories)
  }).pipe(
    Effect.catchAll((error: LaunchFailed) => Effect.logWarning(`${keys.join(".")} stays in ${path}: ${error.message}`))
  )

const undoCommand = ({ args, command, cwd }: CommandUndo, env: CommandPlace["env"]) =>
  Effect.flatMap(runCommand({ command, args }, { cwd, env }, removeTimeoutMillis), ({ exitCode, stderr }) =>
    exitCode === 0
      ? Effect.void
      : Effect.logWarning(`not undone, run it by hand: ${[command, ...args].join(" ")}: ${stderr.trim().slice(0, 200)}`)
  )

export const undo = (record: UndoRecord, env: CommandPlace["env"]): Effect.Effect<void> =>
  record.kind === "entry" ? undoEntry(record) : undoCommand(record, env)
