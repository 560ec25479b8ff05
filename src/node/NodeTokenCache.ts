/**
 * The node token on disk: `<data directory>/agent-relay/node-tokens/<node id>.json`, private, written whole. It counts
 * only for the node, workspace and engine it was minted for.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { CacheUnwritable } from "../domain/Errors.ts"
import type { NodeId, WorkspaceId } from "../domain/Ids.ts"
import type { NodeToken } from "../engine/EngineApi.ts"
import { fileNameOf } from "../identity/nodeId.ts"
import * as PrivateFiles from "../identity/PrivateFiles.ts"

export interface CacheScope {
  readonly nodeId: NodeId
  readonly workspaceId: WorkspaceId
  readonly baseUrl: string
}

export interface CachedToken {
  readonly token: NodeToken
  /** The node name under which it was minted; files of broker 9.1.6 have none. */
  readonly name: string | undefined
  /** Refused on the socket: never to be presented there again, kept as proof for the next mint. */
  readonly rejected: boolean
}

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true })

const File = Schema.parseJson(
  Schema.Struct({
    node_id: Schema.String,
    workspace_id: Schema.String,
    /** Absent in files of the first brokers that had a cache: accepted when the rest matches. */
    base_url: optional(Schema.String),
    token: Schema.NonEmptyString,
    name: optional(Schema.String),
    rejected: optional(Schema.Boolean)
  })
)
const decodeFile = Schema.decodeEither(File)
const encodeFile = Schema.encodeSync(File)

const sameAddress = (a: string, b: string) => a.replace(/\/+$/, "") === b.replace(/\/+$/, "")

/** The left side is a file that cannot be read; one of another scope is nothing. */
export const decodeCached = (text: string, scope: CacheScope): Either.Either<Option.Option<CachedToken>, "corrupt"> => {
  const decoded = decodeFile(text)
  if (Either.isLeft(decoded)) return Either.left("corrupt")
  const file = decoded.right
  const ours =
    file.node_id === scope.nodeId &&
    file.workspace_id === scope.workspaceId &&
    (file.base_url === undefined || sameAddress(file.base_url, scope.baseUrl))
  if (!ours) return Either.right(Option.none())
  return Either.right(
    Option.some({ token: Redacted.make(file.token), name: file.name || undefined, rejected: file.rejected ?? false })
  )
}

export const encodeCached = (cached: CachedToken, scope: CacheScope): string =>
  `${encodeFile({
    node_id: scope.nodeId,
    workspace_id: scope.workspaceId,
    base_url: scope.baseUrl,
    token: Redacted.value(cached.token),
    ...(cached.name === undefined ? {} : { name: cached.name }),
    ...(cached.rejected ? { rejected: true } : {})
  })}\n`

export interface NodeTokenCache {
  readonly path: string
  /** A file that cannot be read or decoded counts as absent; the log says so, once. */
  readonly load: Effect.Effect<Option.Option<CachedToken>>
  readonly store: (cached: CachedToken) => Effect.Effect<void, CacheUnwritable>
}

const reasonOf = (error: PlatformError) => (error._tag === "SystemError" ? error.reason : error.message)

export const make = (o: {
  readonly dataDir: string
  readonly scope: CacheScope
}): Effect.Effect<NodeTokenCache, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const paths = yield* Path.Path
    const files = yield* PrivateFiles.make
    const directory = paths.join(o.dataDir, "agent-relay", "node-tokens")
    const path = paths.join(directory, `${fileNameOf(o.scope.nodeId)}.json`)
    let complained = false

    const ignored = (reason: string) =>
      Effect.suspend(() => {
        const log = complained ? Effect.logDebug : Effect.logWarning
        complained = true
        return Effect.as(log(`node token cache ${path} ignored: ${reason}`), Option.none<CachedToken>())
      })

    const load = files.read(path).pipe(
      Effect.tap((text) => (Option.isSome(text) ? files.makeDirectory(directory) : Effect.void)),
      Effect.flatMap(
        Option.match({
          onNone: () => Effect.succeed(Option.none<CachedToken>()),
          onSome: (text) =>
            Either.match(decodeCached(text, o.scope), {
              onLeft: () => ignored("it is not a token file"),
              onRight: (cached) => Effect.succeed(cached)
            })
        })
      ),
      Effect.catchAll((error) => ignored(reasonOf(error)))
    )

    const store = (cached: CachedToken) =>
      Effect.zipRight(files.makeDirectory(directory), files.write(path, encodeCached(cached, o.scope))).pipe(
        Effect.mapError((error) => new CacheUnwritable({ path, reason: reasonOf(error) }))
      )

    return { path, load, store }
  })
