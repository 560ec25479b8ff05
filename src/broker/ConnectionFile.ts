/** `connection.json`: how clients find this broker. 0600, written atomically, removed only while it is ours. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { StateUnusable } from "../domain/Errors.ts"

export const Connection = Schema.Struct({
  api_key: Schema.String,
  pid: Schema.Int,
  port: Schema.Int,
  url: Schema.String
})
export type Connection = typeof Connection.Type

const decode = Schema.decodeUnknownEither(Schema.parseJson(Connection))

export const connectionPath = (directory: string): string => join(directory, "connection.json")

/** Undefined when there is none that can be read. */
export const read = (directory: string): Connection | undefined => {
  try {
    return Either.getOrUndefined(decode(readFileSync(connectionPath(directory), "utf8")))
  } catch {
    return undefined
  }
}

const write = (path: string, body: string) => {
  const temporary = `${path}.${process.pid}.tmp`
  rmSync(temporary, { force: true })
  const file = openSync(temporary, "wx", 0o600)
  try {
    writeSync(file, body)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

/** Until the scope ends, at a failed start as much as at an orderly stop. */
export const publish = (o: {
  readonly directory: string
  readonly url: string
  readonly port: number
  readonly apiKey: Redacted.Redacted<string>
}): Effect.Effect<void, StateUnusable, Scope.Scope> => {
  const path = connectionPath(o.directory)
  const body: Connection = { api_key: Redacted.value(o.apiKey), pid: process.pid, port: o.port, url: o.url }
  return Effect.acquireRelease(
    Effect.try({
      try: () => write(path, `${JSON.stringify(body, null, 2)}\n`),
      catch: (cause) => new StateUnusable({ path, reason: (cause as Error).message })
    }),
    () =>
      Effect.sync(() => {
        const current = read(o.directory)
        if (current?.pid === process.pid && current.port === o.port) rmSync(path, { force: true })
      })
  )
}
