/**
 * The workspace this broker works in and the agent it is there itself (S 7.2). A key that was given is used or is an
 * error; a workspace is created only when nobody gave a key, and the log says so.
 */
import { createHash, randomBytes } from "node:crypto"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import { type ConfigInvalid, Unauthorized } from "../domain/Errors.ts"
import type { AgentId, AgentName, WorkspaceId } from "../domain/Ids.ts"
import { type AgentToken, EngineApi, type EngineError, type WorkspaceKey } from "../engine/EngineApi.ts"
import * as IdentityMemory from "./IdentityMemory.ts"
import { resolveWorkspaceKey, type WorkspaceKeyChoice } from "./resolveWorkspaceKey.ts"

export interface BrokerIdentityOptions {
  /** The process environment, for the sources of S 7.2. */
  readonly env: { readonly [name: string]: string | undefined }
  /** `--workspace-key`. */
  readonly workspaceKey?: Redacted.Redacted<string>
  /** Wished name of the broker's own agent: the instance name. */
  readonly name: string
  /** Part of the name of a created workspace. */
  readonly directory: string
  /** `--persist`: keep the name and take its token over, instead of another name when it is in use. */
  readonly strict: boolean
  /** Default: nothing is remembered. */
  readonly memory?: IdentityMemory.IdentityMemory
}

export interface BrokerAgent {
  readonly id: AgentId
  readonly name: AgentName
  readonly token: AgentToken
}

export interface Identity {
  readonly workspaceId: WorkspaceId
  readonly workspaceKey: WorkspaceKey
  readonly workspaceAlias?: string
  readonly createdWorkspace: boolean
  readonly agent: BrokerAgent
  /** `agent.name` differs from it when the name was in use. */
  readonly requestedName: string
}

export class BrokerIdentity extends Context.Tag("relay-broker/identity/BrokerIdentity")<BrokerIdentity, Identity>() {
  static readonly layer = (
    o: BrokerIdentityOptions
  ): Layer.Layer<BrokerIdentity, EngineError | ConfigInvalid, EngineApi> =>
    Layer.effect(BrokerIdentity, establishIdentity(o))

  static readonly layerOf = (identity: Identity): Layer.Layer<BrokerIdentity> => Layer.succeed(BrokerIdentity, identity)
}

/** Asks the engine who we are: a key, a registration, and if the engine does not tell it there, the workspace's id. */
export const establishIdentity = (
  o: BrokerIdentityOptions
): Effect.Effect<Identity, EngineError | ConfigInvalid, EngineApi> =>
  Effect.gen(function* () {
    const choice = yield* resolveWorkspaceKey({
      env: o.env,
      ...(o.workspaceKey === undefined ? {} : { flag: o.workspaceKey })
    })
    for (const note of choice.notes) yield* Effect.logWarning(note)
    return yield* choice._tag === "Create"
      ? establishCreated(o)
      : Effect.mapError(establishGiven(o, choice), naming(choice.source))
  }).pipe(Effect.withSpan("BrokerIdentity.establish"))

/** An engine that is asked whether it still knows us gets so long; then it is taken for away. */
const recallMillis = 5_000

/**
 * Who we were, when the engine confirms it or is away. None: it has to be asked, because nothing is known, the key opens
 * another workspace now, or our token was replaced. A refused key fails: no remembered identity makes up for it.
 */
const recall = (o: BrokerIdentityOptions, key: WorkspaceKey) =>
  Effect.gen(function* () {
    const engine = yield* EngineApi
    const known = yield* (o.memory ?? IdentityMemory.none).load(key)
    if (Option.isNone(known)) return known
    const { agent, workspaceId } = known.value
    const away = (why: string) =>
      Effect.as(
        Effect.logWarning(`${why}; starting as '${agent.name}' of workspace ${workspaceId}, known from before`),
        known
      )
    const stillOurs = engine.workspace(agent.token).pipe(
      Effect.as(known),
      Effect.catchTag("Unauthorized", () => Effect.succeedNone)
    )
    return yield* engine.workspace(key).pipe(
      Effect.flatMap(({ id }) => (id === workspaceId ? stillOurs : Effect.succeedNone)),
      Effect.timeoutTo({
        duration: recallMillis,
        onSuccess: Effect.succeed,
        onTimeout: () => away(`the engine did not answer within ${recallMillis / 1_000} s`)
      }),
      Effect.flatten,
      Effect.catchTags({
        EngineUnavailable: (error) => away(error.message),
        RateLimited: (error) => away(error.message)
      })
    )
  })

const establishGiven = (o: BrokerIdentityOptions, choice: Extract<WorkspaceKeyChoice, { _tag: "Given" }>) =>
  Effect.gen(function* () {
    const engine = yield* EngineApi
    const known = yield* recall(o, choice.key)
    const { agent, workspaceId: registeredIn } = Option.isSome(known) ? known.value : yield* registerSelf(o, choice.key)
    const workspaceId = registeredIn ?? (yield* engine.workspace(choice.key)).id
    yield* (o.memory ?? IdentityMemory.none).store(choice.key, { workspaceId, agent })
    if (choice.workspaceId !== undefined && choice.workspaceId !== workspaceId) {
      yield* Effect.logWarning(
        `${choice.source} names workspace ${choice.workspaceId}, but its key opens ${workspaceId}; using the latter`
      )
    }
    const alias = choice.alias === undefined ? {} : { workspaceAlias: choice.alias }
    return { workspaceId, workspaceKey: choice.key, ...alias, createdWorkspace: false, agent, requestedName: o.name }
  })

const establishCreated = (o: BrokerIdentityOptions) =>
  Effect.gen(function* () {
    const engine = yield* EngineApi
    const name = workspaceName(o)
    const { key, workspaceId } = yield* engine
      .createWorkspace(name)
      .pipe(Effect.catchIf(isConflict, () => engine.createWorkspace(withRandomSuffix(name))))
    yield* Effect.logWarning(`no workspace key given: created workspace ${workspaceId} at ${engine.baseUrl}`)
    const { agent } = yield* registerSelf(o, key)
    return { workspaceId, workspaceKey: key, createdWorkspace: true, agent, requestedName: o.name }
  })

/** The same user and directory ask for the same name (S 7.2). */
const workspaceName = (o: BrokerIdentityOptions) => {
  const user = o.env["USER"] ?? o.env["USERNAME"] ?? ""
  return `relay-${createHash("sha256").update(`${user}:${o.directory}`).digest("hex").slice(0, 8)}`
}

const withRandomSuffix = (name: string) => `${name}-${randomBytes(4).toString("hex")}`

const conflictCodes = new Set(["agent_already_exists", "name_taken", "conflict", "duplicate"])

const isConflict = (error: EngineError) =>
  error._tag === "EngineRejected" && (error.status === 409 || conflictCodes.has(error.code))

const registerSelf = (o: BrokerIdentityOptions, key: WorkspaceKey) =>
  Effect.gen(function* () {
    const engine = yield* EngineApi
    const type = o.env["RELAY_AGENT_TYPE"]?.trim() || "human"
    const register = (name: string) =>
      Effect.map(engine.registerAgent({ key, name, type }), ({ id, name, token, workspaceId }) => ({
        agent: { id, name, token },
        workspaceId
      }))

    /** The agent may be gone again by the time we look for it: then the name is free. */
    const takeOver = Effect.gen(function* () {
      const known = yield* engine.findAgent({ key, name: o.name })
      if (Option.isNone(known)) return yield* register(o.name)
      const token = yield* engine.rotateAgentToken({ key, name: o.name })
      return { agent: { id: known.value.id, name: known.value.name, token }, workspaceId: undefined }
    })

    const registered = yield* register(o.name).pipe(
      Effect.catchIf(isConflict, () => (o.strict ? takeOver : register(withRandomSuffix(o.name))))
    )
    if (registered.agent.name !== o.name) {
      yield* Effect.logWarning(`registered as '${registered.agent.name}' (requested '${o.name}')`)
    }
    return registered
  })

/** A refused key is the operator's to correct, so the error says where it came from. */
const naming =
  (source: string) =>
  <E>(error: E | Unauthorized): E | Unauthorized =>
    error instanceof Unauthorized && error.credential === "workspace key"
      ? new Unauthorized({
          ...error,
          where: `${error.where} with the key of ${source}; correct it, or remove it to get a new workspace`
        })
      : error
