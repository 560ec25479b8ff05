/**
 * Listed workspaces that did not let the broker in at its start: an alert for each, and further tries until it does. The
 * one that the broker works in never changes for that.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { Alerts } from "../alerts/Alerts.ts"
import { WorkspaceNotAttached } from "../domain/Errors.ts"
import type { EngineError } from "../engine/EngineApi.ts"
import { type AttachedWorkspace, attach, type SelfOptions } from "./attach.ts"
import type { Identity } from "./BrokerIdentity.ts"
import * as IdentityMemory from "./IdentityMemory.ts"
import type { Membership } from "./WorkspacesJson.ts"

export interface LeftOut {
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
export const attachLater = (o: SelfOptions, identity: Identity) =>
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
