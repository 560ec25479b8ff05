/**
 * Makes a Codex thread before the program starts, over `codex app-server`: JSON-RPC, one message a line, without the
 * `jsonrpc` member. One empty item makes the thread a stored one that `resume` finds (S 4.2).
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { version } from "../domain/Version.ts"
import type { Ask, Conversation } from "./Ask.ts"
import type { LaunchContext } from "./Launch.ts"

const Reply = Schema.parseJson(
  Schema.Struct({
    id: Schema.Number,
    result: Schema.optionalWith(Schema.Unknown, { exact: true }),
    error: Schema.optionalWith(Schema.Struct({ message: Schema.String }), { exact: true })
  })
)
const decodeReply = Schema.decodeUnknownEither(Reply)
const decodeThread = Schema.decodeUnknownEither(Schema.Struct({ thread: Schema.Struct({ id: Schema.NonEmptyString }) }))

/** Options that shape a thread and are given to the helper as well. */
const forwarded = /^(?:-p|--profile|-c|--config|-s|--sandbox|-a|--ask-for-approval)(?:=|$)/

export const forwardedArgs = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.flatMap((argument, index) => {
    if (!forwarded.test(argument)) return []
    const value = args[index + 1]
    return argument.includes("=") || value === undefined ? [argument] : [argument, value]
  })

/** The answer to request `id`; notifications and anything unreadable between are passed over. */
const answerTo = (conversation: Conversation, id: number): Effect.Effect<unknown, string> =>
  Effect.flatMap(conversation.hear, (line): Effect.Effect<unknown, string> => {
    if (Option.isNone(line)) return Effect.fail("codex app-server ended without an answer")
    const reply = decodeReply(line.value)
    if (Either.isLeft(reply) || reply.right.id !== id) return answerTo(conversation, id)
    const { error, result } = reply.right
    return error === undefined ? Effect.succeed(result) : Effect.fail(error.message)
  })

/** The id of the new thread, or why there is none. */
export const makeThread = (context: LaunchContext, ask: Ask): Effect.Effect<string, string> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { line, spec } = context
      const conversation = yield* ask.converse({
        command: line.command,
        args: [...forwardedArgs(line.args), "app-server", "--listen", "stdio://"]
      })
      let lastId = 0
      const call = (method: string, params: unknown) =>
        Effect.suspend(() => {
          const id = ++lastId
          return Effect.zipRight(conversation.say(JSON.stringify({ id, method, params })), answerTo(conversation, id))
        })
      yield* call("initialize", {
        clientInfo: { name: "relay-broker", version },
        capabilities: { experimentalApi: true }
      })
      yield* conversation.say(JSON.stringify({ method: "initialized" }))
      const started = decodeThread(yield* call("thread/start", { cwd: spec.cwd, ephemeral: false }))
      if (Either.isLeft(started)) return yield* Effect.fail("thread/start gave no thread id")
      const { id: threadId } = started.right.thread
      const item = { type: "message", role: "assistant", content: [{ type: "output_text", text: "" }] }
      yield* call("thread/inject_items", { threadId, items: [item] })
      return threadId
    })
  )
