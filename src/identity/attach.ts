/**
 * One workspace that the broker is in: who it is there, remembered from before or registered now. Its failure is the
 * caller's to weigh.
 */
import { randomBytes } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AgentId, AgentName, WorkspaceId } from "../domain/Ids.ts"
import { type AgentToken, EngineApi, type EngineError, type WorkspaceKey } from "../engine/EngineApi.ts"
import * as IdentityMemory from "./IdentityMemory.ts"
import type { Membership } from "./WorkspacesJson.ts"

export interface BrokerAgent {
  readonly id: AgentId
  readonly name: AgentName
  readonly token: AgentToken
}

export interface AttachedWorkspace {
  readonly workspaceId: WorkspaceId
  readonly workspaceKey: WorkspaceKey
  readonly alias?: string
  /** The broker's own agent there. */
  readonly agent: BrokerAgent
}

export interface SelfOptions {
  readonly env: { readonly [name: string]: string | undefined }
  /** Wished name of the broker's own agent: the instance name. */
  readonly name: string
  /** `--persist`: keep the name and take its token over, instead of another name when it is in use. */
  readonly strict: boolean
  /** Default: nothing is remembered. */
  readonly memory?: IdentityMemory.IdentityMemory
}

/** An engine that is asked whether it still knows us gets so long; then it is taken for away. */
const recallMillis = 5_000

/**
 * Who we were, when the engine confirms it or is away. None: it has to be asked, because nothing is known, the key opens
 * another workspace now, or our token was replaced. A refused key fails: no remembered identity makes up for it.
 */
const recall = (o: SelfOptions, key: WorkspaceKey) =>
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

export const withRandomSuffix = (name: string) => `${name}-${randomBytes(4).toString("hex")}`

const conflictCodes = new Set(["agent_already_exists", "name_taken", "conflict", "duplicate"])

export const isConflict = (error: EngineError) =>
  error._tag === "EngineRejected" && (error.status === 409 || conflictCodes.has(error.code))

export const registerSelf = (o: SelfOptions, key: WorkspaceKey) =>
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

/** `source`: the flag or variable that lists the membership. */
export const attach = (
  o: SelfOptions,
  membership: Membership,
  source: string
): Effect.Effect<AttachedWorkspace, EngineError, EngineApi> =>
  Effect.gen(function* () {
    const engine = yield* EngineApi
    const { alias, key } = membership
    const known = yield* recall(o, key)
    const { agent, workspaceId: registeredIn } = Option.isSome(known) ? known.value : yield* registerSelf(o, key)
    const workspaceId = registeredIn ?? (yield* engine.workspace(key)).id
    if (membership.workspaceId !== undefined && membership.workspaceId !== workspaceId) {
      yield* Effect.logWarning(
        `${source} names workspace ${membership.workspaceId}, but its key opens ${workspaceId}; using the latter`
      )
    }
    return { workspaceId, workspaceKey: key, ...(alias === undefined ? {} : { alias }), agent }
  })
