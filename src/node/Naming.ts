/**
 * Under which name an ack may leave. An ack carries a name and no identity: one that arrives after its name was given to
 * another identity would be an ack of messages that nobody has seen.
 */
import * as Effect from "effect/Effect"
import type { AgentId, AgentName } from "../domain/Ids.ts"
import type { NodeMemory } from "./NodeMemory.ts"

/** As many as the departed agents that deliveries remember. */
const identityLimit = 10_000

type Names = Pick<NodeMemory, "identities" | "naming">

export const identified = ({ identities }: Names, name: AgentName, agentId: AgentId): void => {
  identities.delete(name)
  identities.set(name, agentId)
  const [oldest] = identities.keys()
  if (identities.size > identityLimit && oldest !== undefined) identities.delete(oldest)
}

export const mayAck = ({ identities, naming }: Names, name: AgentName, agentId: AgentId): "sent" | "later" | "never" =>
  naming.has(name) ? "later" : (identities.get(name) ?? agentId) === agentId ? "sent" : "never"

/** One at a time per name. */
export const naming = <A extends { readonly agentId: AgentId }, E, R>(
  names: Names,
  name: AgentName,
  register: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => names.naming.add(name)),
    () => Effect.tap(register, ({ agentId }) => Effect.sync(() => identified(names, name, agentId))),
    () => Effect.sync(() => names.naming.delete(name))
  )
