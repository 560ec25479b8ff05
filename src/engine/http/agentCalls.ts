/** Agents, their tokens and the channels they are in. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Answers from "../Answers.ts"
import type { EngineApi } from "../EngineApi.ts"
import type { RunCall } from "../EngineCall.ts"
import { absentWhen, withAgent, withKey } from "./shared.ts"

export const agentCalls = (
  run: RunCall
): Pick<
  EngineApi["Type"],
  "registerAgent" | "findAgent" | "rotateAgentToken" | "setAgentOffline" | "joinChannel" | "leaveChannel"
> => ({
  registerAgent: ({ key, metadata, name, type }) =>
    run({
      operation: "POST /v1/agents",
      method: "POST",
      path: ["v1", "agents"],
      credential: withKey(key),
      body: { name, type, ...(metadata === undefined ? {} : { metadata }) },
      repeat: "once",
      read: Answers.registered
    }).pipe(
      Effect.map((data) => ({
        id: data.id,
        name: data.name,
        token: data.token,
        workspaceId: data.workspace_id
      }))
    ),

  findAgent: ({ key, name }) =>
    run({
      operation: "GET /v1/agents/:name",
      method: "GET",
      path: ["v1", "agents", name],
      credential: withKey(key),
      repeat: "repeatable",
      read: Answers.agent
    }).pipe(absentWhen("agent_not_found")),

  rotateAgentToken: ({ key, name }) =>
    run({
      operation: "POST /v1/agents/:name/rotate-token",
      method: "POST",
      path: ["v1", "agents", name, "rotate-token"],
      credential: withKey(key),
      idempotent: true,
      repeat: "repeatable",
      read: Answers.token
    }).pipe(Effect.map((data) => data.token)),

  setAgentOffline: ({ key, name }) =>
    run({
      operation: "PATCH /v1/agents/:name",
      method: "PATCH",
      path: ["v1", "agents", name],
      credential: withKey(key),
      body: { status: "offline" },
      repeat: "repeatable",
      read: Answers.nothing
    }).pipe(absentWhen("agent_not_found"), Effect.map(Option.isSome)),

  joinChannel: ({ name, token }) =>
    run({
      operation: "POST /v1/channels/:name/join",
      method: "POST",
      path: ["v1", "channels", name, "join"],
      credential: withAgent(token),
      repeat: "repeatable",
      read: Answers.nothing
    }),

  // Left already, or never joined: what was wanted is so.
  leaveChannel: ({ name, token }) =>
    run({
      operation: "POST /v1/channels/:name/leave",
      method: "POST",
      path: ["v1", "channels", name, "leave"],
      credential: withAgent(token),
      repeat: "repeatable",
      read: Answers.nothing
    }).pipe(
      Effect.catchIf(
        (error) => error._tag === "EngineRejected" && error.status === 404,
        () => Effect.void
      )
    )
})
