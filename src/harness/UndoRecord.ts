/** What has to be taken back, on disk before it is done: after a crash the next start reads it. */
import * as Schema from "effect/Schema"

const Keys = Schema.NonEmptyArray(Schema.String)

export const EntryUndo = Schema.Struct({
  kind: Schema.Literal("entry"),
  path: Schema.String,
  keys: Keys,
  value: Schema.Unknown,
  /** Base64 of the file before the first of us came; null: there was none. */
  original: Schema.NullOr(Schema.String),
  /** Base64 of what we wrote. */
  written: Schema.String,
  /** Directories we made for it, outermost first. */
  madeDirectories: Schema.Array(Schema.String)
})
export type EntryUndo = typeof EntryUndo.Type

export const CommandUndo = Schema.Struct({
  kind: Schema.Literal("command"),
  command: Schema.String,
  args: Schema.Array(Schema.String),
  cwd: Schema.String
})
export type CommandUndo = typeof CommandUndo.Type

export const UndoRecord = Schema.parseJson(Schema.Union(EntryUndo, CommandUndo))
export type UndoRecord = typeof UndoRecord.Type
