/** Anthropic's Messages API, as Claude Code speaks it. */
import { setImmediate } from "node:timers/promises"
import {
  type Answer,
  type Api,
  blockTexts,
  type Json,
  objects,
  offered,
  questionInput,
  type ReadRequest,
  text,
  type UserText
} from "./Api.ts"
import { answerWords } from "./script.ts"

/** How Claude Code 2.1.197 gives its model what was sent during a turn: as a message of the role `system`. */
const joined = /^The user sent a new message while you were working:\n/

const read = (body: Json): ReadRequest => {
  const messages = objects(body["messages"])
  const lastOfModel = messages.findLastIndex(({ role }) => role === "assistant")
  const texts = messages.flatMap(
    ({ content, role }, index): ReadonlyArray<UserText> =>
      blockTexts(content)
        .filter((each) => role === "user" || (role === "system" && joined.test(each)))
        .map((each) => ({ text: each.replace(joined, ""), isNew: index > lastOfModel }))
  )
  const tools = objects(body["tools"]).map(({ name }) => text(name))
  const last = objects(messages.at(-1)?.["content"])
  return {
    model: text(body["model"]),
    stream: body["stream"] === true,
    texts,
    tools,
    endsWithToolResult: last.some(({ type }) => type === "tool_result"),
    isTurn: tools.length > 0
  }
}

const usageOf = ({ script }: Answer) => ({
  input_tokens: script.usage ?? 9,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 9
})

const message = (answer: Answer, content: ReadonlyArray<Json>, stop: string | null): Json => ({
  id: `msg_${answer.id}`,
  type: "message",
  role: "assistant",
  model: answer.request.model,
  content,
  stop_reason: stop,
  stop_sequence: null,
  usage: usageOf(answer)
})

export const messages: Api = {
  name: "messages",
  matches: (path) => /\/v1\/messages$/.test(path),
  read,
  shellCall: (tools, command) => {
    const name = offered(tools, "Bash")
    return name === undefined ? undefined : { name, input: { command, description: "Try the shell" } }
  },
  askCall: (tools) => {
    const name = offered(tools, "AskUserQuestion")
    return name === undefined ? undefined : { name, input: questionInput(name) }
  },
  stream: async ({ event, wait }, answer) => {
    const send = (data: Json & { readonly type: string }) => event(data, data.type)
    send({ type: "message_start", message: message(answer, [], null) })
    send({ type: "ping" })
    await wait(answer.script.thinkMillis)
    send({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } })
    for (const word of answerWords(answer.script)) {
      await wait(word.waitMillis)
      send({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: word.text } })
    }
    send({ type: "content_block_stop", index: 0 })
    if (answer.call !== undefined) {
      const { input, name } = answer.call
      const block = { type: "tool_use", id: `toolu_${answer.id}`, name, input: {} }
      send({ type: "content_block_start", index: 1, content_block: block })
      const delta = { type: "input_json_delta", partial_json: JSON.stringify(input) }
      send({ type: "content_block_delta", index: 1, delta })
      send({ type: "content_block_stop", index: 1 })
    }
    const stop = answer.call === undefined ? "end_turn" : "tool_use"
    send({ type: "message_delta", delta: { stop_reason: stop, stop_sequence: null }, usage: usageOf(answer) })
    send({ type: "message_stop" })
    await setImmediate()
  },
  whole: (answer) =>
    message(
      answer,
      [
        { type: "text", text: answerWords(answer.script).at(-1)?.text ?? "ok" },
        ...(answer.call === undefined ? [] : [{ type: "tool_use", id: `toolu_${answer.id}`, ...answer.call }])
      ],
      answer.call === undefined ? "end_turn" : "tool_use"
    ),
  error: (status) => ({
    type: "error",
    error: { type: status === 529 ? "overloaded_error" : "api_error", message: `The model server says ${status}` }
  })
}
