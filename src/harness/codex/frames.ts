/**
 * The JSON-RPC of `codex app-server`, as far as it is read: one message a line, without the `jsonrpc` member. Pure.
 *
 * Most lines are pieces of the model's answer. They are told apart by how they begin and not parsed: a line begins with its
 * method, or with the id of what it answers (codex 0.171). A line that begins otherwise, as refusals do, is parsed.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"

export const RequestId = Schema.Union(Schema.Number, Schema.String)
export type RequestId = typeof RequestId.Type

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

export const Frame = Schema.parseJson(
  Schema.Struct({
    id: optional(RequestId),
    method: optional(Schema.String),
    params: optional(Schema.Unknown),
    result: optional(Schema.Unknown),
    error: optional(Schema.Struct({ code: Schema.Number, message: Schema.String }))
  })
)
export type Frame = typeof Frame.Type

export type Message =
  | { readonly _tag: "Request"; readonly id: RequestId; readonly method: string; readonly params: unknown }
  | { readonly _tag: "Notification"; readonly method: string; readonly params: unknown }
  | { readonly _tag: "Answer"; readonly id: RequestId; readonly result: unknown }
  | { readonly _tag: "Refusal"; readonly id: RequestId; readonly code: number; readonly message: string }

const decodeFrame = Schema.decodeEither(Frame)

/** Undefined for what is no message. */
export const readMessage = (line: string): Message | undefined => {
  const read = decodeFrame(line)
  if (Either.isLeft(read)) return undefined
  const { error, id, method, params, result } = read.right
  if (method !== undefined) {
    return id === undefined ? { _tag: "Notification", method, params } : { _tag: "Request", id, method, params }
  }
  if (id === undefined) return undefined
  return error === undefined ? { _tag: "Answer", id, result } : { _tag: "Refusal", id, ...error }
}

/** What a line is: a method, or an answer to this id; undefined: no message. */
export type Beginning = { readonly method: string } | { readonly answer: RequestId } | undefined

const methodFirst = /^\{"method":"([^"\\]*)"/
const idFirst = /^\{"id":(?:(\d+)|"([^"\\]*)"),"(?:result|error)":/

export const beginningOf = (line: string): Beginning => {
  const method = methodFirst.exec(line)?.[1]
  if (method !== undefined) return { method }
  const [, number, text] = idFirst.exec(line) ?? []
  if (number !== undefined) return { answer: Number(number) }
  if (text !== undefined) return { answer: text }
  // A refusal begins with its reason, and has its id at its end.
  const message = readMessage(line)
  if (message === undefined) return undefined
  return "method" in message ? { method: message.method } : { answer: message.id }
}

export const requestLine = (id: RequestId, method: string, params: unknown): string =>
  JSON.stringify({ id, method, params })

export const ThreadStatus = Schema.Struct({
  type: Schema.String,
  activeFlags: optional(Schema.Array(Schema.String))
})
export type ThreadStatus = typeof ThreadStatus.Type

const Thread = Schema.Struct({
  id: Schema.NonEmptyString,
  ephemeral: Schema.optionalWith(Schema.Boolean, { default: () => false }),
  parentThreadId: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
  status: optional(ThreadStatus)
})

const UserMessage = Schema.Struct({
  type: Schema.Literal("userMessage"),
  clientId: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
  content: Schema.Array(Schema.Struct({ type: Schema.String, text: optional(Schema.String) }))
})
export type UserMessage = typeof UserMessage.Type

/** The words of a user's message. */
export const textOf = ({ content }: UserMessage): string => content.map(({ text = "" }) => text).join("\n")

const of = <A, I>(schema: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownEither(schema)
  return (input: unknown): A | undefined => Either.getOrUndefined(decode(input))
}

export const readThreadAnswer = of(Schema.Struct({ thread: Thread }))
export const readStatusChange = of(Schema.Struct({ threadId: Schema.String, status: ThreadStatus }))
export const readTurn = of(
  Schema.Struct({ threadId: Schema.String, turn: Schema.Struct({ id: Schema.String, status: Schema.String }) })
)
export const readTurnAnswer = of(Schema.Struct({ turn: Schema.Struct({ id: Schema.String }) }))
export const readItem = of(Schema.Struct({ threadId: Schema.String, item: UserMessage }))
/** What a request of the server to its client is about. */
export const readAbout = of(
  Schema.Struct({
    turnId: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
    isBlocking: optional(Schema.Boolean),
    reason: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
    command: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
    message: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
    questions: Schema.optionalWith(Schema.Array(Schema.Struct({ question: Schema.String })), { default: () => [] })
  })
)
export const readResolved = of(Schema.Struct({ requestId: RequestId }))
export const readToolsState = of(Schema.Struct({ name: Schema.String, status: Schema.String }))
export const readThreadOf = of(Schema.Struct({ threadId: Schema.String }))

/** A page of `thread/items/list`: only users' messages of it. */
export const readItemsPage = of(
  Schema.Struct({
    data: Schema.Array(Schema.Struct({ turnId: Schema.String, item: Schema.Unknown })),
    nextCursor: Schema.NullOr(Schema.String)
  })
)
export const readUserMessage = of(UserMessage)
