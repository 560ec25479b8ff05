/** The task an agent is started with, as the first message it gets: from the broker, without workspace and reminder. */
import { randomUUID } from "node:crypto"
import * as Effect from "effect/Effect"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import { AgentId, DeliveryId, MessageId, Seq } from "../domain/Ids.ts"
import type { InjectionItem } from "./Worker.ts"

/** Undefined when `spec` has none, or a blank one. */
export const initialTask = (
  { name, task }: AgentSpec,
  agentId: AgentId | undefined
): Effect.Effect<InjectionItem | undefined> =>
  Effect.sync(() => {
    if (task === undefined || task.trim() === "") return undefined
    const id = `init_${randomUUID().replaceAll("-", "")}`
    return {
      delivery: {
        deliveryId: DeliveryId.make(id),
        agentId: agentId ?? AgentId.make(name),
        agent: name,
        seq: Seq.make(0),
        origin: "initial_task",
        message: { id: MessageId.make(id), from: "broker", target: name, text: task, mode: "wait" }
      },
      onTyping: Effect.void,
      onOutcome: () => Effect.void
    }
  })
