/** Deliveries, letters and agents for the tests of the store. */
import { AgentId, AgentName, DeliveryId, Generation, InvocationId, MessageId, Seq } from "../../src/domain/Ids.ts"
import type { Delivery } from "../../src/domain/Message.ts"
import type { AgentRecord, CursorRecord, DeadLetterRecord } from "../../src/store/Store.ts"

export interface Named {
  readonly id: string
  readonly agent?: string
  readonly agentId?: string
  readonly seq?: number
  readonly text?: string
  readonly messageId?: string
  readonly from?: string
}

export const deliveryId = (id: string) => DeliveryId.make(id)
export const invocationId = (id: string) => InvocationId.make(id)
export const idOfAgent = (agent: string) => AgentId.make(`id-${agent}`)

export const delivery = ({
  agent = "ada",
  agentId,
  from = "human:kim",
  id,
  messageId,
  seq = 0,
  text
}: Named): Delivery => ({
  deliveryId: DeliveryId.make(id),
  agentId: agentId === undefined ? idOfAgent(agent) : AgentId.make(agentId),
  agent: AgentName.make(agent),
  seq: Seq.make(seq),
  origin: seq === 0 ? "local" : "engine",
  message: {
    id: MessageId.make(messageId ?? `m-${id}`),
    from,
    target: agent,
    text: text ?? `text of ${id}`,
    mode: "wait",
    workspace: "lab"
  }
})

export const cursor = (agent: string, acked: number, received = acked): CursorRecord => ({
  agentId: idOfAgent(agent),
  name: AgentName.make(agent),
  received,
  acked
})

export const letter = (id: string, o: { readonly atMillis?: number; readonly raw?: string } = {}): DeadLetterRecord => {
  const { agent, agentId, message, seq } = delivery({ id })
  return {
    deliveryId: DeliveryId.make(id),
    agent,
    agentId,
    messageId: o.raw === undefined ? message.id : undefined,
    seq,
    reason: o.raw === undefined ? "agent_released" : "undecodable",
    atMillis: o.atMillis ?? 5_000,
    message: o.raw === undefined ? message : undefined,
    raw: o.raw,
    redeliveredAs: undefined
  }
}

export const agentRecord = (
  name: string,
  o: { readonly state?: AgentRecord["state"]; readonly atMillis?: number; readonly generation?: number } = {}
): AgentRecord => ({
  name: AgentName.make(name),
  agentId: idOfAgent(name),
  generation: Generation.make(o.generation ?? 1),
  spec: {
    name: AgentName.make(name),
    cli: "codex --fast",
    args: ["-x"],
    channels: ["general"],
    cwd: "/",
    task: "say hello",
    env: { A: "b" }
  },
  state: o.state ?? "live",
  updatedAtMillis: o.atMillis ?? 1_000
})
