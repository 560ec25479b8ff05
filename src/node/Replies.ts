/**
 * Answers from the engine: to whoever asked; put aside when the one who asked for an agent has left; noise when nobody did.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { AgentId, AgentName } from "../domain/Ids.ts"
import type { Inbound } from "../wire/Inbound.ts"
import { identified } from "./Naming.ts"
import type { SessionContext } from "./SessionContext.ts"

type Answer = Extract<Inbound, { _tag: "Reply" | "Refusal" }>

const AgentData = Schema.Struct({ agent_id: Schema.NonEmptyString })
const decodeAgentData = Schema.decodeUnknownEither(AgentData)
const TokenData = Schema.Struct({ token: Schema.NonEmptyString })
const hasToken = Schema.is(TokenData)

/** Unanswerable refusals (`invalid_message` has a fresh id) and identities nobody waits for deserve a look; late replies do not. */
const unmatched = (answer: Answer): Effect.Effect<void> => {
  if (answer._tag === "Refusal") {
    return Effect.logWarning(`unmatched error from the engine: ${answer.frame.code}: ${answer.frame.message}`)
  }
  return hasToken(answer.frame.data)
    ? Effect.logWarning("unmatched reply with an agent token")
    : Effect.logDebug(`unmatched reply ${answer.frame.id}`)
}

export const makeReplies = ({ memory, requests, session }: SessionContext) => {
  /** A success for a caller that left. What becomes of it is decided where registrations are known. */
  const cameLate = (name: string, data: unknown): Effect.Effect<void> =>
    Either.match(decodeAgentData(data), {
      onLeft: () => Effect.void,
      onRight: ({ agent_id }) =>
        Effect.suspend(() => {
          const late = { name: AgentName.make(name), agentId: AgentId.make(agent_id) }
          identified(memory, late.name, late.agentId)
          return Effect.asVoid(memory.lateRegistrations.offer(late))
        })
    })

  return (answer: Answer): Effect.Effect<void> =>
    Effect.gen(function* () {
      const matched = requests.match(answer.frame)
      if (matched._tag === "Unmatched") return yield* unmatched(answer)
      if (matched._tag === "Abandoned") {
        return answer._tag === "Reply" ? yield* cameLate(matched.subject, answer.frame.data) : undefined
      }
      if (answer._tag === "Reply") {
        const atMillis = yield* Clock.currentTimeMillis
        // Before the caller knows, so that the consumer counts the copies that follow as a replay.
        yield* memory.frames.offer({ _tag: "ReplayStarts", trigger: matched.type, session, atMillis })
      }
      yield* matched.complete
    })
}
