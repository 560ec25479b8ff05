/** Actions and their invocations. */
import * as Effect from "effect/Effect"
import * as Answers from "../Answers.ts"
import type { EngineApi, Invocation } from "../EngineApi.ts"
import type { RunCall } from "../EngineCall.ts"
import { withAgent } from "./shared.ts"

const invocationOf = ({ error, invocation_id, output, status }: Answers.InvocationAnswer): Invocation => ({
  id: invocation_id,
  status,
  output,
  error
})

export const actionCalls = (run: RunCall): Pick<EngineApi["Type"], "invokeAction" | "findInvocation"> => ({
  invokeAction: ({ action, input, token }) =>
    run({
      operation: "POST /v1/actions/:name/invoke",
      method: "POST",
      path: ["v1", "actions", action, "invoke"],
      credential: withAgent(token),
      body: { input },
      repeat: "once",
      read: Answers.invocation
    }).pipe(Effect.map(invocationOf)),

  findInvocation: ({ action, id, token }) =>
    run({
      operation: "GET /v1/actions/:name/invocations/:id",
      method: "GET",
      path: ["v1", "actions", action, "invocations", id],
      credential: withAgent(token),
      repeat: "repeatable",
      read: Answers.invocation
    }).pipe(Effect.map(invocationOf))
})
