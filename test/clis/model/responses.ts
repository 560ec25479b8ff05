/** OpenAI's Responses API, as codex speaks it. */
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

const isOfModel = (item: Json) =>
  item["role"] === "assistant" || ["function_call", "custom_tool_call", "reasoning"].includes(text(item["type"]))

const read = (body: Json): ReadRequest => {
  const items = typeof body["input"] === "string" ? [{ role: "user", content: body["input"] }] : objects(body["input"])
  const lastOfModel = items.findLastIndex(isOfModel)
  const texts = items.flatMap(
    (item: Json, index): ReadonlyArray<UserText> =>
      item["role"] === "user"
        ? blockTexts(item["content"]).map((each) => ({ text: each, isNew: index > lastOfModel }))
        : []
  )
  const tools = objects(body["tools"]).flatMap((tool) =>
    tool["type"] === "namespace"
      ? objects(tool["tools"]).map(({ name }) => `${text(tool["name"])}/${text(name)}`)
      : [text(tool["name"] ?? tool["type"])]
  )
  return {
    model: text(body["model"]),
    stream: body["stream"] === true,
    texts,
    tools,
    endsWithToolResult: /_output$/.test(text(items.at(-1)?.["type"])),
    isTurn: tools.length > 0
  }
}

const items = (answer: Answer): ReadonlyArray<Json> => {
  const content = answerWords(answer.script)
    .map((word) => word.text)
    .join("")
  const said: Json = {
    type: "message",
    id: `msg_${answer.id}`,
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text: content, annotations: [] }]
  }
  if (answer.call === undefined) return [said]
  const { input, name } = answer.call
  const call: Json = {
    type: "function_call",
    id: `fc_${answer.id}`,
    call_id: `call_${answer.id}`,
    status: "completed",
    ...nameOf(name),
    arguments: JSON.stringify(input)
  }
  return [said, call]
}

/** A tool of a namespace is called by both names. */
const nameOf = (name: string): Json => {
  const [namespace, tool] = name.split("/")
  return tool === undefined ? { name } : { name: tool, namespace }
}

const response = (answer: Answer, status: string, output: ReadonlyArray<Json>): Json => {
  const used = answer.script.usage ?? 9
  return {
    id: `resp_${answer.id}`,
    object: "response",
    created_at: Math.floor(Date.now() / 1_000),
    status,
    model: answer.request.model,
    output,
    usage:
      status === "completed"
        ? {
            input_tokens: used,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens: 9,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: used + 9
          }
        : null
  }
}

export const responses: Api = {
  name: "responses",
  matches: (path) => /\/responses$/.test(path),
  read,
  shellCall: (tools, command, asks) => {
    const name = offered(tools, "exec_command", "shell_command", "shell", "local_shell")
    if (name === undefined) return undefined
    // So that it asks: it must leave the sandbox.
    const leave = asks ? { sandbox_permissions: "require_escalated", justification: "to try the approval" } : {}
    if (name === "exec_command") return { name, input: { cmd: command, ...leave } }
    if (name === "shell_command") return { name, input: { command, ...leave } }
    return { name, input: { command: ["bash", "-lc", command], ...leave } }
  },
  askCall: (tools) => {
    const name = offered(tools, "request_user_input")
    return name === undefined
      ? undefined
      : {
          name,
          input: { questions: objects(questionInput(name)["questions"]).map((each) => ({ id: "colour", ...each })) }
        }
  },
  stream: async ({ event, wait }, answer) => {
    let number = 0
    const send = (data: Json & { readonly type: string }) => event({ ...data, sequence_number: number++ }, data.type)
    send({ type: "response.created", response: response(answer, "in_progress", []) })
    await wait(answer.script.thinkMillis)
    const [said, call] = items(answer)
    const id = `msg_${answer.id}`
    send({
      type: "response.output_item.added",
      output_index: 0,
      item: { ...said, status: "in_progress", content: [] }
    })
    send({
      type: "response.content_part.added",
      item_id: id,
      output_index: 0,
      content_index: 0,
      part: { type: "output_text", text: "", annotations: [] }
    })
    for (const word of answerWords(answer.script)) {
      await wait(word.waitMillis)
      send({ type: "response.output_text.delta", item_id: id, output_index: 0, content_index: 0, delta: word.text })
    }
    send({ type: "response.output_item.done", output_index: 0, item: said })
    if (call !== undefined) {
      send({ type: "response.output_item.added", output_index: 1, item: { ...call, status: "in_progress" } })
      send({ type: "response.output_item.done", output_index: 1, item: call })
    }
    send({ type: "response.completed", response: response(answer, "completed", items(answer)) })
  },
  whole: (answer) => response(answer, "completed", items(answer)),
  error: (status) => ({
    error: { message: `The model server says ${status}`, type: "server_error", param: null, code: null }
  })
}
