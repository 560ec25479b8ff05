/** What the engine's answers must hold for us. Open: whatever else they hold is not looked at. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { AgentId, AgentName, InvocationId, MessageId, NodeId, WorkspaceId } from "../domain/Ids.ts"
import { Json } from "../domain/Json.ts"
import type { NodeRecord } from "./EngineApi.ts"
import { readData } from "./Envelope.ts"

const Secret = Schema.Redacted(Schema.NonEmptyString)
/** Absent and null are the same to us. */
const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true })
const orElse = <A, I>(schema: Schema.Schema<A, I>, value: A) =>
  Schema.optionalWith(schema, { nullable: true, default: () => value })

const nodeFields = { id: NodeId, name: Schema.String, live: orElse(Schema.Boolean, false) }

export const workspaceCreated = readData(Schema.Struct({ workspace_id: WorkspaceId, api_key: Secret }))
export const workspace = readData(Schema.Struct({ id: WorkspaceId, name: orElse(Schema.String, "") }))
export const registered = readData(
  Schema.Struct({ id: AgentId, name: AgentName, token: Secret, workspace_id: optional(WorkspaceId) })
)
export const agent = readData(Schema.Struct({ id: AgentId, name: AgentName, status: orElse(Schema.String, "unknown") }))
export const token = readData(Schema.Struct({ token: Secret }))
export const minted = readData(Schema.Struct({ ...nodeFields, token: Secret }))
export const node: (data: unknown) => Either.Either<NodeRecord, string> = readData(Schema.Struct(nodeFields))
export const bindings = readData(Schema.Array(Schema.Struct({ agent_id: AgentId, agent_name: AgentName })))
export const posted = readData(Schema.Struct({ id: MessageId }))
export const conversations = readData(
  Schema.Array(Schema.Struct({ id: Schema.String, participants: orElse(Schema.Array(Schema.String), []) }))
)
export const messages = readData(
  Schema.Array(
    Schema.Struct({
      id: Schema.String,
      agent_name: orElse(Schema.String, ""),
      text: orElse(Schema.String, ""),
      created_at: orElse(Schema.String, "")
    })
  )
)
const Invocation = Schema.Struct({
  invocation_id: InvocationId,
  status: Schema.String,
  output: orElse(Json, null),
  error: optional(Schema.String)
})
export type InvocationAnswer = typeof Invocation.Type
export const invocation = readData(Invocation)
export const nothing = (): Either.Either<void, string> => Either.void
