/** Nodes, their tokens, and the agents bound to them. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Answers from "../Answers.ts"
import type { EngineApi } from "../EngineApi.ts"
import type { RunCall } from "../EngineCall.ts"
import { absentWhen, withKey } from "./shared.ts"

export const nodeCalls = (
  run: RunCall
): Pick<EngineApi["Type"], "mintNode" | "findNode" | "nodeAgents" | "bindAgent" | "unbindAgent"> => ({
  // From 9.0 on a lost answer would cost us the proof for the next mint; the key makes a repetition return the same token.
  mintNode: ({ key, name, nodeId, proof, version }) =>
    run({
      operation: "POST /v1/nodes",
      method: "POST",
      path: ["v1", "nodes"],
      credential: withKey(key),
      body: { node_id: nodeId, name, kind: "ws", role: "broker", version },
      ...(proof === undefined ? {} : { proof }),
      idempotent: true,
      repeat: "repeatable",
      read: Answers.minted
    }),

  findNode: ({ key, name }) =>
    run({
      operation: "GET /v1/nodes/:name",
      method: "GET",
      path: ["v1", "nodes", name],
      credential: withKey(key),
      repeat: "repeatable",
      read: Answers.node
    }).pipe(absentWhen("node_not_found")),

  nodeAgents: (q) =>
    run({
      operation: "GET /v1/nodes/:name/agents",
      method: "GET",
      path: ["v1", "nodes", q.node, "agents"],
      credential: withKey(q.key),
      repeat: "repeatable",
      read: Answers.bindings
    }).pipe(Effect.map((rows) => rows.map((row) => ({ agentId: row.agent_id, name: row.agent_name })))),

  // Binding an agent to the node it is bound to already changes nothing.
  bindAgent: (b) =>
    run({
      operation: "POST /v1/nodes/:name/agents",
      method: "POST",
      path: ["v1", "nodes", b.node, "agents"],
      credential: withKey(b.key),
      body: { agent_name: b.agent },
      repeat: "repeatable",
      read: Answers.nothing
    }),

  unbindAgent: (b) =>
    run({
      operation: "DELETE /v1/nodes/:name/agents/:agent",
      method: "DELETE",
      path: ["v1", "nodes", b.node, "agents", b.agent],
      credential: withKey(b.key),
      repeat: "repeatable",
      read: Answers.nothing
    }).pipe(absentWhen("node_agent_binding_not_found"), Effect.map(Option.isSome))
})
