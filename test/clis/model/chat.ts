/** The Chat Completions API, as opencode and qwen speak it. */
import {
  type Answer,
  type Api,
  blockTexts,
  isObject,
  type Json,
  objects,
  offered,
  questionInput,
  type ReadRequest,
  text,
  type UserText
} from "./Api.ts"
import { answerWords } from "./script.ts"

/** Qwen names the tools of MCP servers in its system prompt, as `- "name": "what it does"`; a search brings their declarations. */
const deferred = (messages: ReadonlyArray<Json>): ReadonlyArray<string> =>
  messages
    .filter(({ role }) => role === "system")
    .flatMap(({ content }) => blockTexts(content))
    .flatMap((each) => [...each.matchAll(/^- "(mcp__[\w-]+)":/gm)].map(([, name = ""]) => name))

const read = (body: Json): ReadRequest => {
  const messages = objects(body["messages"])
  const lastOfModel = messages.findLastIndex(({ role }) => role === "assistant")
  const texts = messages.flatMap(
    ({ content, role }, index): ReadonlyArray<UserText> =>
      role === "user" ? blockTexts(content).map((each) => ({ text: each, isNew: index > lastOfModel })) : []
  )
  const declared = objects(body["tools"]).map((tool) =>
    text(isObject(tool["function"]) ? tool["function"]["name"] : "")
  )
  const tools = declared.includes("tool_search") ? [...declared, ...deferred(messages)] : declared
  return {
    model: text(body["model"]),
    stream: body["stream"] === true,
    texts,
    tools,
    endsWithToolResult: messages.at(-1)?.["role"] === "tool",
    isTurn: tools.length > 0
  }
}

const usageOf = ({ script }: Answer) => {
  const used = script.usage ?? 9
  return { prompt_tokens: used, completion_tokens: 9, total_tokens: used + 9 }
}

const callOf = ({ call, id }: Answer) =>
  call === undefined
    ? undefined
    : {
        index: 0,
        id: `call_${id}`,
        type: "function",
        function: { name: call.name, arguments: JSON.stringify(call.input) }
      }

const base = (answer: Answer, object: string): Json => ({
  id: `chatcmpl-${answer.id}`,
  object,
  created: Math.floor(Date.now() / 1_000),
  model: answer.request.model
})

export const chat: Api = {
  name: "chat",
  matches: (path) => /\/chat\/completions$/.test(path),
  read,
  shellCall: (tools, command) => {
    const name = offered(tools, "bash", "run_shell_command")
    if (name === undefined) return undefined
    const more = name === "run_shell_command" ? { is_background: false } : {}
    return { name, input: { command, description: "Try the shell", ...more } }
  },
  askCall: (tools) => {
    const name = offered(tools, "question", "ask_user_question", "askuserquestion")
    if (name === undefined) return undefined
    const { questions } = questionInput(name)
    return {
      name,
      input: {
        questions: objects(questions).map(({ multiSelect, ...rest }) => ({
          ...rest,
          multiple: multiSelect,
          multiSelect
        }))
      }
    }
  },
  stream: async ({ event, response, wait }, answer) => {
    const chunk = (delta: Json, finish: string | null = null) =>
      event({ ...base(answer, "chat.completion.chunk"), choices: [{ index: 0, delta, finish_reason: finish }] })
    chunk({ role: "assistant", content: "" })
    await wait(answer.script.thinkMillis)
    for (const word of answerWords(answer.script)) {
      await wait(word.waitMillis)
      chunk({ content: word.text })
    }
    const call = callOf(answer)
    if (call !== undefined) chunk({ tool_calls: [call] })
    chunk({}, call === undefined ? "stop" : "tool_calls")
    event({ ...base(answer, "chat.completion.chunk"), choices: [], usage: usageOf(answer) })
    response.write("data: [DONE]\n\n")
  },
  whole: (answer) => {
    const call = callOf(answer)
    const content = answerWords(answer.script).at(-1)?.text ?? "ok"
    return {
      ...base(answer, "chat.completion"),
      choices: [
        {
          index: 0,
          message: { role: "assistant", content, ...(call === undefined ? {} : { tool_calls: [call] }) },
          finish_reason: call === undefined ? "stop" : "tool_calls"
        }
      ],
      usage: usageOf(answer)
    }
  },
  error: (status) => ({ error: { message: `The model server says ${status}`, type: "server_error", code: status } })
}
