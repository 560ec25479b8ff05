/**
 * Who the broker was when the engine last told it: with this a broker starts while its engine is away, and does not rotate
 * its own token at every start. One private file per instance, directory and engine, and one more for each additional
 * workspace; each counts only for the workspace key it was made with. Not in the database: it is needed before that is opened, and must outlive its damage.
 */
import { createHash } from "node:crypto"
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { AgentId, AgentName, WorkspaceId } from "../domain/Ids.ts"
import type { AgentToken, WorkspaceKey } from "../engine/EngineApi.ts"
import * as PrivateFiles from "./PrivateFiles.ts"

export interface KnownIdentity {
  readonly workspaceId: WorkspaceId
  readonly agent: { readonly id: AgentId; readonly name: AgentName; readonly token: AgentToken }
}

const File = Schema.parseJson(
  Schema.Struct({
    /** SHA-256 of the workspace key, which is not kept. */
    key: Schema.String,
    workspace_id: WorkspaceId,
    agent_id: AgentId,
    agent_name: AgentName,
    agent_token: Schema.NonEmptyString
  })
)
const decode = Schema.decodeOption(File)
const encode = Schema.encodeSync(File)

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

export interface IdentityMemory {
  /** None as well for a file that cannot be read, and for one of another key. */
  readonly load: (key: WorkspaceKey) => Effect.Effect<Option.Option<KnownIdentity>>
  /** A file that cannot be written is a log line: the next start asks the engine. */
  readonly store: (
    key: WorkspaceKey,
    identity: KnownIdentity,
    /** `additional`: not the default workspace. A file of its own, so that the default keeps its place. */
    o?: { readonly additional: boolean }
  ) => Effect.Effect<void>
}

/** For brokers whose directory goes with them. */
export const none: IdentityMemory = { load: () => Effect.succeed(Option.none()), store: () => Effect.void }

const reasonOf = (error: PlatformError) => (error._tag === "SystemError" ? error.reason : error.message)

export const make = (o: {
  /** See `dataDirectory`. */
  readonly dataDir: string
  readonly instanceName: string
  readonly directory: string
  readonly engineUrl: string
}): Effect.Effect<IdentityMemory, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const paths = yield* Path.Path
    const files = yield* PrivateFiles.make
    const directory = paths.join(o.dataDir, "agent-relay", "identities")
    const scope = [o.engineUrl.replace(/\/+$/, ""), o.directory, o.instanceName].join("\0")
    const base = sha256(scope).slice(0, 32)
    const own = paths.join(directory, `${base}.json`)
    const additional = (key: WorkspaceKey) =>
      paths.join(directory, `${base}-${sha256(Redacted.value(key)).slice(0, 16)}.json`)

    const loadFrom = (path: string, key: WorkspaceKey) =>
      files.read(path).pipe(
        Effect.map(Option.flatMap(decode)),
        Effect.catchAll((error) =>
          Effect.as(Effect.logWarning(`${path} ignored: ${reasonOf(error)}`), Option.none<typeof File.Type>())
        ),
        Effect.map(Option.filter((file) => file.key === sha256(Redacted.value(key)))),
        Effect.map(
          Option.map((file) => ({
            workspaceId: file.workspace_id,
            agent: { id: file.agent_id, name: file.agent_name, token: Redacted.make(file.agent_token) }
          }))
        )
      )

    return {
      // either may have been the default before
      load: (key) =>
        Effect.flatMap(loadFrom(own, key), (known) =>
          Option.isSome(known) ? Effect.succeed(known) : loadFrom(additional(key), key)
        ),
      store: (key, { agent, workspaceId }, o) => {
        const path = o?.additional === true ? additional(key) : own
        return Effect.zipRight(
          files.makeDirectory(directory),
          files.write(
            path,
            `${encode({
              key: sha256(Redacted.value(key)),
              workspace_id: workspaceId,
              agent_id: agent.id,
              agent_name: agent.name,
              agent_token: Redacted.value(agent.token)
            })}\n`
          )
        ).pipe(Effect.catchAll((error) => Effect.logWarning(`identity not remembered: ${path}: ${reasonOf(error)}`)))
      }
    }
  })
