/**
 * `<data directory>/agent-relay/machine-id`: the secret from which this user's node ids on this machine derive. Made
 * once, by one process, and never replaced; a seed that cannot be read stops the start instead.
 */
import { randomBytes } from "node:crypto"
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { IdentityUnavailable } from "../domain/Errors.ts"
import * as PrivateFiles from "./PrivateFiles.ts"
import * as ProcessLock from "./ProcessLock.ts"

/** Making a seed takes milliseconds; somebody who needs longer is stuck. */
const patienceMillis = 5_000

const reasonOf = (error: PlatformError) => (error._tag === "SystemError" ? error.reason : error.message)

const open = (dataDir: string) =>
  Effect.gen(function* () {
    const path = yield* Path.Path
    const files = yield* PrivateFiles.make
    const directory = path.join(dataDir, "agent-relay")
    const file = path.join(directory, "machine-id")
    const unavailable = (reason: string) => new IdentityUnavailable({ path: file, reason })
    const or = <A>(self: Effect.Effect<A, PlatformError>) =>
      Effect.mapError(self, (error) => unavailable(reasonOf(error)))

    /** None when there is no file; a blank one counts as absent, but is told apart to be replaced. */
    const read = Effect.gen(function* () {
      const content = yield* or(files.read(file))
      if (Option.exists(content, (text) => text.includes("\0"))) return yield* unavailable("it is not a text file")
      return Option.map(content, (text) => text.trim())
    })
    return { directory, file, files, or, read, unavailable }
  })

const present = (seed: Option.Option<string>) => Option.filter(seed, (text) => text !== "")

/** The seed, made now when there is none yet. */
export const readOrCreate = (
  dataDir: string
): Effect.Effect<string, IdentityUnavailable, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const { directory, file, files, or, read, unavailable } = yield* open(dataDir)

    /** Alone among brokers: looks again, and makes the seed when there is still none. */
    const create = Effect.gen(function* () {
      const found = yield* read
      const seed = randomBytes(16).toString("hex")
      if (Option.isNone(found))
        yield* or(files.create(file, seed)) // another program may still be first
      else if (found.value === "") yield* or(files.write(file, seed))
    })

    const started = yield* Clock.currentTimeMillis
    while (true) {
      const seed = present(yield* read)
      if (Option.isSome(seed)) return seed.value
      if ((yield* Clock.currentTimeMillis) - started > patienceMillis) {
        return yield* unavailable("another process has been making it for too long")
      }
      yield* or(files.makeDirectory(directory))
      // two that find a blank file must not both replace it: each would go on with a seed of its own
      yield* Effect.scoped(Effect.zipRight(ProcessLock.acquire({ path: `${file}.lock` }), create)).pipe(
        Effect.catchTags({
          LockHeld: () => Effect.sleep("10 millis"),
          StateUnusable: (error) => Effect.fail(unavailable(error.message))
        })
      )
    }
  })

/** The content of the file, verbatim but for white space around it: with a pinned token it is the node id itself. */
export const readExisting = (
  dataDir: string
): Effect.Effect<string, IdentityUnavailable, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const { read, unavailable } = yield* open(dataDir)
    const seed = present(yield* read)
    if (Option.isSome(seed)) return seed.value
    return yield* unavailable("RELAY_NODE_TOKEN is set, so the node id must be in this file, and there is none")
  })
