/**
 * The workspaces this broker is in, the one of them it works in, and the agent it is there itself. A key that
 * was given alone is used or is an error; a workspace is created only when nobody gave a key, and the log says so.
 */
import { createHash } from "node:crypto"
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type { Alerts } from "../alerts/Alerts.ts"
import { type ConfigInvalid, Unauthorized } from "../domain/Errors.ts"
import type { WorkspaceId } from "../domain/Ids.ts"
import { EngineApi, type EngineError, type WorkspaceKey } from "../engine/EngineApi.ts"
import {
  type AttachedWorkspace,
  attach,
  type BrokerAgent,
  isConflict,
  registerSelf,
  type SelfOptions,
  withRandomSuffix
} from "./attach.ts"
import { attachLater, type LeftOut } from "./attachLater.ts"
import { type Attempt, chooseDefault, isRefusal } from "./chooseDefault.ts"
import * as IdentityMemory from "./IdentityMemory.ts"
import { resolveWorkspaceKey, type WorkspaceKeyChoice } from "./resolveWorkspaceKey.ts"

export type { AttachedWorkspace, BrokerAgent } from "./attach.ts"

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
