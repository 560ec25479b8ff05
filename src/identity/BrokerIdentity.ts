/**
 * The workspaces this broker is in, the one of them it works in, and the agent it is there itself. A key that
 * was given alone is used or is an error; a workspace is created only when nobody gave a key, and the log says so.
 */
import { createHash, randomBytes } from "node:crypto"
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import { Alerts } from "../alerts/Alerts.ts"
import { type ConfigInvalid, Unauthorized, WorkspaceNotAttached } from "../domain/Errors.ts"
import type { AgentId, AgentName, WorkspaceId } from "../domain/Ids.ts"
import { type AgentToken, EngineApi, type EngineError, type WorkspaceKey } from "../engine/EngineApi.ts"
import * as IdentityMemory from "./IdentityMemory.ts"
import {
  isCalled,
  type Membership,
  noSuchDefault,
  resolveWorkspaceKey,
  type WantedDefault,
  type WorkspaceKeyChoice
} from "./workspaces.ts"

// One workspace that the broker is in: who it is there, remembered from before or registered now. Its failure is the
// caller's to weigh.

interface BrokerAgent {
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

interface SelfOptions {
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

const withRandomSuffix = (name: string) => `${name}-${randomBytes(4).toString("hex")}`

const conflictCodes = new Set(["agent_already_exists", "name_taken", "conflict", "duplicate"])

const isConflict = (error: EngineError) =>
  error._tag === "EngineRejected" && (error.status === 409 || conflictCodes.has(error.code))

const registerSelf = (o: SelfOptions, key: WorkspaceKey) =>
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
const attach = (
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

// Listed workspaces that did not let the broker in at its start: an alert for each, and further tries until it does. The
// one that the broker works in never changes for that.

interface LeftOut {
  readonly membership: Membership
  /** In the list; the first is 1. */
  readonly place: number
  readonly source: string
  readonly error: EngineError
}

/** What alerts about it are called after: its alias or id, as listed. */
export const subjectOf = ({ membership: { alias, workspaceId }, place }: LeftOut): string =>
  alias ?? workspaceId ?? `membership ${place}`

const problemOf = (leftOut: LeftOut, error: EngineError) => {
  const { alias, workspaceId } = leftOut.membership
  const name = alias ?? workspaceId
  return new WorkspaceNotAttached({
    membership: `membership ${leftOut.place}${name === undefined ? "" : ` (${name})`}`,
    source: leftOut.source,
    reason: error.message
  })
}

/** 30 s doubling to 5 min, shortened by up to half: a refused key is rarely mended sooner, and nothing hangs on it. */
const retries = Schedule.exponential("30 seconds").pipe(
  Schedule.union(Schedule.spaced("5 minutes")),
  Schedule.jitteredWith({ min: 0.5, max: 1 })
)

/** `attached` of what is given back grows; the tries end with the scope. */
const attachLater = (o: SelfOptions, identity: Identity) =>
  Effect.gen(function* () {
    if (identity.leftOut.length === 0) return identity
    const alerts = yield* Alerts
    let attached = identity.attached

    const admit = (workspace: AttachedWorkspace) =>
      Effect.gen(function* () {
        const { agent, workspaceId, workspaceKey } = workspace
        // Another key of a workspace that is attached already.
        if (attached.some((each) => each.workspaceId === workspaceId)) return
        const memory = o.memory ?? IdentityMemory.none
        yield* memory.store(workspaceKey, { workspaceId, agent }, { additional: true })
        attached = [...attached, workspace]
        yield* Effect.logInfo(`workspace ${workspaceId} is attached now`)
      })

    for (const leftOut of identity.leftOut) {
      const { error, membership, source } = leftOut
      const subject = subjectOf(leftOut)
      const raise = (cause: EngineError) => alerts.raise(problemOf(leftOut, cause), subject)
      yield* raise(error)
      // The first try was the start's own.
      let tried = false
      yield* Effect.suspend(() => {
        if (tried) return Effect.tapError(attach(o, membership, source), raise)
        tried = true
        return Effect.fail(error)
      }).pipe(
        Effect.retry(retries),
        Effect.flatMap((workspace) =>
          Effect.zipRight(admit(workspace), alerts.resolve("WorkspaceNotAttached", subject))
        ),
        Effect.orDie, // the tries have no end
        Effect.forkScoped
      )
    }
    return {
      ...identity,
      get attached() {
        return attached
      }
    }
  })

// Which of the listed workspaces this broker works in, after each was tried. Pure.
//
// Invariants:
// 1. A default that was named is that workspace or an error, whatever the others gave: no messages of another one.
// 2. No default named: the first that was not refused. If just that one cannot be known now, because the engine is away, that
// is an error: the same list gives the same default at the next start.
// 3. All refused: the first refusal.

export interface Attempt {
  readonly membership: Membership
  readonly outcome: Either.Either<AttachedWorkspace, EngineError>
}

/** The engine's no to this key: the others go on without it. Another failure says nothing about the key. */
export const isRefusal = (error: EngineError): boolean =>
  error._tag === "Unauthorized" ||
  error._tag === "RateLimited" ||
  (error._tag === "EngineRejected" && (error.status === 403 || error.status === 429))

export const chooseDefault = (
  attempts: Arr.NonEmptyReadonlyArray<Attempt>,
  wanted: WantedDefault | undefined
): Either.Either<AttachedWorkspace, EngineError | ConfigInvalid> => {
  if (wanted !== undefined) {
    const named = attempts.find(
      ({ membership, outcome }) =>
        isCalled(wanted.name, membership) || (Either.isRight(outcome) && outcome.right.workspaceId === wanted.name)
    )
    return named?.outcome ?? Either.left(noSuchDefault(wanted, attempts.length))
  }
  const first = attempts.find(({ outcome }) => Either.isRight(outcome) || !isRefusal(outcome.left))
  return (first ?? attempts[0]).outcome
}

/** `env` is the process environment, where a workspace key may be (`resolveWorkspaceKey`). */
export interface BrokerIdentityOptions extends SelfOptions {
  /** `--workspace-key`. */
  readonly workspaceKey?: Redacted.Redacted<string>
  /** Part of the name of a created workspace. */
  readonly directory: string
}

/** What is here at the top is of the default workspace: node, deliveries and agents are in that one only. */
export interface Identity {
  readonly workspaceId: WorkspaceId
  readonly workspaceKey: WorkspaceKey
  readonly workspaceAlias?: string
  readonly createdWorkspace: boolean
  readonly agent: BrokerAgent
  /** `agent.name` differs from it when the name was in use. */
  readonly requestedName: string
  /** All that can be sent to now, the default among them, in the order of the list. The layer's grows: read it anew. */
  readonly attached: Arr.NonEmptyReadonlyArray<AttachedWorkspace>
  /** Listed, and not attached at the start. */
  readonly leftOut: ReadonlyArray<LeftOut>
}

export class BrokerIdentity extends Context.Tag("relay-broker/identity/BrokerIdentity")<BrokerIdentity, Identity>() {
  static readonly layer = (
    o: BrokerIdentityOptions
  ): Layer.Layer<BrokerIdentity, EngineError | ConfigInvalid, EngineApi | Alerts> =>
    Layer.scoped(
      BrokerIdentity,
      Effect.flatMap(establishIdentity(o), (identity) => attachLater(o, identity))
    )

  /** Without `attached`: the default workspace only. */
  static readonly layerOf = (identity: OfOne & Partial<Identity>): Layer.Layer<BrokerIdentity> =>
    Layer.succeed(BrokerIdentity, { leftOut: [], ...identity, attached: identity.attached ?? [attachedOf(identity)] })
}

type OfOne = Omit<Identity, "attached" | "leftOut">

const attachedOf = (o: OfOne): AttachedWorkspace => {
  const { agent, workspaceAlias, workspaceId, workspaceKey } = o
  return { workspaceId, workspaceKey, ...(workspaceAlias === undefined ? {} : { alias: workspaceAlias }), agent }
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

/** More at once would only meet the engine's rate limit sooner. */
const concurrentAttempts = 4

/** Refused, or not to be known while the engine is away: the other workspaces go on without it. */
const canBeLeftOut = (error: EngineError) => isRefusal(error) || error._tag === "EngineUnavailable"

const establishGiven = (o: BrokerIdentityOptions, choice: Extract<WorkspaceKeyChoice, { _tag: "Given" }>) =>
  Effect.gen(function* () {
    const { memberships, source, wanted } = choice
    const attempts = yield* Effect.forEach(
      memberships,
      (membership) =>
        attach(o, membership, source).pipe(
          Effect.map((attached): Attempt => ({ membership, outcome: Either.right(attached) })),
          Effect.catchIf(canBeLeftOut, (error) => Effect.succeed<Attempt>({ membership, outcome: Either.left(error) }))
        ),
      { concurrency: concurrentAttempts }
    )
    const own = yield* chooseDefault(attempts, wanted)
    const leftOut = attempts.flatMap(
      ({ membership, outcome }, index): ReadonlyArray<LeftOut> =>
        Either.isRight(outcome) ? [] : [{ membership, place: index + 1, source, error: outcome.left }]
    )
    const reached = Arr.getRights(attempts.map(({ outcome }) => outcome))
    // the first stays: it is what a second key of the same workspace would have been taken for, too
    const attached = Arr.dedupeWith(reached, (a, b) => a.workspaceId === b.workspaceId)
    yield* Effect.forEach(
      attached,
      ({ agent, workspaceId, workspaceKey }) =>
        (o.memory ?? IdentityMemory.none).store(
          workspaceKey,
          { workspaceId, agent },
          { additional: workspaceId !== own.workspaceId }
        ),
      { discard: true }
    )
    return {
      workspaceId: own.workspaceId,
      workspaceKey: own.workspaceKey,
      ...(own.alias === undefined ? {} : { workspaceAlias: own.alias }),
      createdWorkspace: false,
      agent: own.agent,
      requestedName: o.name,
      attached: Arr.isNonEmptyReadonlyArray(attached) ? attached : Arr.of(own),
      leftOut
    }
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
    const own = { workspaceId, workspaceKey: key, agent }
    return { ...own, createdWorkspace: true, requestedName: o.name, attached: Arr.of(own), leftOut: [] }
  })

/** The same user and directory ask for the same name. */
const workspaceName = (o: BrokerIdentityOptions) => {
  const user = o.env["USER"] ?? o.env["USERNAME"] ?? ""
  return `relay-${createHash("sha256").update(`${user}:${o.directory}`).digest("hex").slice(0, 8)}`
}

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
