/**
 * Settings that several agents share because their program has no other place for them: an entry in a user's file, or one
 * made by the program's own command.
 *
 * Invariants: 1. the record that undoes a setting is on disk before the setting is made, and until it is undone · 2. the
 * first holder makes it, the last one takes it back · 3. one thing at a time, so that two spawns never write one file at once.
 */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { LaunchFailed } from "../domain/Errors.ts"
import { type CommandPlace, runCommand } from "./commands.ts"
import { setEntry } from "./jsonEntry.ts"
import type { CommandLine, SharedCommand, SharedEntry } from "./Launch.ts"
import { type EntryUndo, UndoRecord } from "./UndoRecord.ts"
import { removeTimeoutMillis, undo } from "./undo.ts"
import * as userFile from "./userFile.ts"

export interface SharedSettings {
  /** Held until the scope ends. */
  readonly holdEntry: (entry: SharedEntry) => Effect.Effect<void, LaunchFailed, Scope.Scope>
  readonly holdCommand: (command: SharedCommand, place: CommandPlace) => Effect.Effect<void, LaunchFailed, Scope.Scope>
}

interface Held {
  holders: number
  record: UndoRecord
}

const addTimeoutMillis = 15_000
const decodeRecord = Schema.decodeUnknownEither(UndoRecord)
const encodeRecord = Schema.encodeSync(UndoRecord)

const text = ({ args, command }: CommandLine) => [command, ...args].join(" ")

export interface Records {
  /** Where the records are kept. */
  readonly directory: string
  /** What undo commands of a former run are given. */
  readonly env: CommandPlace["env"]
}

const attempt = <A>(step: string, run: () => A) =>
  Effect.try({ try: run, catch: (cause) => new LaunchFailed({ step, reason: (cause as Error).message }) })

const forget = (path: string) =>
  attempt(`remove ${path}`, () => rmSync(path, { force: true })).pipe(
    Effect.catchAll((error) => Effect.logWarning(error.message))
  )

/** Takes back what a former run could not. */
export const recover = ({ directory, env }: Records): Effect.Effect<void, LaunchFailed> =>
  Effect.gen(function* () {
    const files = yield* attempt(`read ${directory}`, () =>
      existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : []
    )
    yield* Effect.forEach(
      files,
      (file) =>
        Effect.gen(function* () {
          const record = decodeRecord(yield* attempt(`read ${file}`, () => readFileSync(file, "utf8")))
          if (Either.isRight(record)) yield* undo(record.right, env)
          else yield* Effect.logWarning(`${file} is not readable; what it would undo is left`)
          yield* forget(file)
        }),
      { discard: true }
    )
  })

/** After what a former run left there was taken back. */
export const make = (o: Records): Effect.Effect<SharedSettings, LaunchFailed> =>
  Effect.gen(function* () {
    const turn = yield* Effect.makeSemaphore(1)
    const held = new Map<string, Held>()
    const recordPath = (key: string) =>
      join(o.directory, `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.json`)

    const note = (key: string, record: UndoRecord) =>
      attempt(`note in ${o.directory} how to undo it`, () => {
        mkdirSync(o.directory, { recursive: true, mode: 0o700 })
        writeFileSync(recordPath(key), encodeRecord(record), { mode: 0o600 })
      })
    const release = (key: string, env: CommandPlace["env"]) =>
      Effect.gen(function* () {
        const setting = held.get(key)
        if (setting === undefined || --setting.holders > 0) return
        held.delete(key)
        yield* undo(setting.record, env)
        yield* forget(recordPath(key))
      }).pipe(turn.withPermits(1))

    const hold = (
      key: string,
      env: CommandPlace["env"],
      setUp: (already: UndoRecord | undefined) => Effect.Effect<UndoRecord, LaunchFailed>
    ) =>
      Effect.acquireRelease(
        Effect.gen(function* () {
          const setting = held.get(key)
          const record = yield* setUp(setting?.record)
          if (setting === undefined) held.set(key, { holders: 1, record })
          else {
            setting.holders++
            setting.record = record
          }
        }).pipe(turn.withPermits(1)),
        () => release(key, env)
      )

    const setUpEntry = ({ keys, path, value }: SharedEntry, already: EntryUndo | undefined, key: string) =>
      Effect.gen(function* () {
        const now = yield* userFile.read(path)
        const changed = setEntry(now?.toString(), keys, value)
        if (Either.isLeft(changed)) {
          const step = `add ${keys.join(".")} to ${path}`
          return yield* new LaunchFailed({
            step,
            reason: `${changed.left}; add it by hand or spawn with skipRelayPrompt`
          })
        }
        const written = Buffer.from(changed.right)
        const record: EntryUndo = {
          ...(already ?? {
            kind: "entry",
            path,
            original: now === undefined ? null : now.toString("base64"),
            madeDirectories: userFile.missingDirectories(path)
          }),
          keys,
          value,
          written: written.toString("base64")
        }
        yield* note(key, record)
        if (now === undefined || !now.equals(written)) yield* userFile.write(path, written)
        return record
      })

    const setUpCommand = ({ clear, run, undo: back }: SharedCommand, place: CommandPlace, key: string) =>
      Effect.gen(function* () {
        const record: UndoRecord = { kind: "command", ...back, cwd: place.cwd }
        yield* Effect.forEach(clear, (line) => runCommand(line, place, removeTimeoutMillis), { discard: true })
        yield* note(key, record)
        const { exitCode, stderr } = yield* runCommand(run, place, addTimeoutMillis)
        if (exitCode === 0) return record
        yield* undo(record, place.env)
        yield* forget(recordPath(key))
        const reason = `${stderr.trim().slice(0, 500) || `exit code ${exitCode}`}; run it by hand or spawn with skipRelayPrompt`
        return yield* new LaunchFailed({ step: text(run), reason })
      })

    yield* recover(o)

    return {
      holdEntry: (entry) => {
        const key = `entry ${entry.path} ${entry.keys.join(".")}`
        return hold(key, o.env, (already) => setUpEntry(entry, already?.kind === "entry" ? already : undefined, key))
      },
      holdCommand: (command, place) => {
        const key = `command ${command.id}`
        return hold(key, place.env, (already) =>
          already === undefined ? setUpCommand(command, place, key) : Effect.succeed(already)
        )
      }
    }
  })
