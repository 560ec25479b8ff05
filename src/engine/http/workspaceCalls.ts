/** The workspace and its channels. */
import * as Effect from "effect/Effect"
import * as Answers from "../Answers.ts"
import type { EngineApi } from "../EngineApi.ts"
import type { RunCall } from "../EngineCall.ts"
import { withEither } from "./shared.ts"

export const workspaceCalls = (
  run: RunCall
): Pick<EngineApi["Type"], "createWorkspace" | "workspace" | "ensureChannel"> => ({
  createWorkspace: (name) =>
    run({
      operation: "POST /v1/workspaces",
      method: "POST",
      path: ["v1", "workspaces"],
      body: { name },
      repeat: "once",
      read: Answers.workspaceCreated
    }).pipe(Effect.map((data) => ({ workspaceId: data.workspace_id, key: data.api_key }))),

  workspace: (key) =>
    run({
      operation: "GET /v1/workspace",
      method: "GET",
      path: ["v1", "workspace"],
      credential: withEither(key),
      repeat: "repeatable",
      read: Answers.workspace
    }),

  // The code of the 409 is not certain, its meaning is: a repetition meets the same answer.
  ensureChannel: ({ credential, name, topic }) =>
    run({
      operation: "POST /v1/channels",
      method: "POST",
      path: ["v1", "channels"],
      credential: withEither(credential),
      body: { name, ...(topic === undefined ? {} : { topic }) },
      repeat: "repeatable",
      read: Answers.nothing
    }).pipe(
      Effect.catchIf(
        (error) => error._tag === "EngineRejected" && error.status === 409,
        () => Effect.void
      )
    )
})
