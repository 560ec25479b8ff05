/** Google's Gemini API, as the Gemini CLI speaks it. */
import {
  type Answer,
  type Api,
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

const modelPath = /\/models\/([^/:]+):(streamGenerateContent|generateContent)$/

/** What a hook added to the result of a tool: a message for the running turn. */
const hookContext = ({ functionResponse }: Json): ReadonlyArray<string> => {
  const response = isObject(functionResponse) ? functionResponse["response"] : undefined
  const output = isObject(response) ? text(response["output"]) : ""
  return [...output.matchAll(/<hook_context>([\s\S]*?)<\/hook_context>/g)].map(([, context = ""]) => context)
}

const read = (body: Json, path: string): ReadRequest => {
  const contents = objects(body["contents"])
  const lastOfModel = contents.findLastIndex(({ role }) => role === "model")
  const texts = contents.flatMap(
    ({ parts, role }, index): ReadonlyArray<UserText> =>
      role === "model"
        ? []
        : objects(parts)
            .flatMap((part) => [...(typeof part["text"] === "string" ? [part["text"]] : []), ...hookContext(part)])
            .map((each) => ({ text: each, isNew: index > lastOfModel }))
  )
  const declarations = objects(body["tools"]).flatMap((tool) => objects(tool["functionDeclarations"]))
  const tools = declarations.map(({ name }) => text(name))
  const [, model = "", method] = modelPath.exec(path) ?? []
  return {
    model,
    stream: method === "streamGenerateContent",
    texts,
    tools,
    endsWithToolResult: objects(contents.at(-1)?.["parts"]).some((part) => isObject(part["functionResponse"])),
    isTurn: tools.length > 0
  }
}

const piece = (answer: Answer, parts: ReadonlyArray<Json>, isLast: boolean): Json => {
  const used = answer.script.usage ?? 9
  return {
    candidates: [{ content: { role: "model", parts }, index: 0, ...(isLast ? { finishReason: "STOP" } : {}) }],
    usageMetadata: { promptTokenCount: used, candidatesTokenCount: 9, totalTokenCount: used + 9 },
    modelVersion: answer.request.model,
    responseId: answer.id
  }
}

const callPart = ({ call }: Answer): ReadonlyArray<Json> =>
  call === undefined ? [] : [{ functionCall: { name: call.name, args: call.input } }]

/** The models that route, or check an answer, are asked for JSON by a schema. */
const byItsSchema = (schema: unknown): unknown => {
  if (!isObject(schema)) return "ok"
  const type = text(schema["type"]).toLowerCase()
  if (Array.isArray(schema["enum"])) return schema["enum"][0]
  if (type === "object" && isObject(schema["properties"]))
    return Object.fromEntries(Object.entries(schema["properties"]).map(([name, each]) => [name, byItsSchema(each)]))
  if (type === "array") return []
  if (type === "boolean") return false
  if (type === "number" || type === "integer") return 1
  return "ok"
}

export const schemaAnswer = (body: Json): string | undefined => {
  const config = body["generationConfig"]
  if (!isObject(config)) return undefined
  const schema = config["responseJsonSchema"] ?? config["responseSchema"]
  return schema === undefined ? undefined : JSON.stringify(byItsSchema(schema))
}

export const gemini: Api = {
  name: "gemini",
  matches: (path) => modelPath.test(path),
  read,
  shellCall: (tools, command) => {
    const name = offered(tools, "run_shell_command")
    return name === undefined ? undefined : { name, input: { command, description: "Try the shell" } }
  },
  askCall: (tools) => {
    const name = offered(tools, "ask_user")
    return name === undefined ? undefined : { name, input: questionInput(name) }
  },
  stream: async ({ event, response, wait }, answer) => {
    response.flushHeaders()
    await wait(answer.script.thinkMillis)
    for (const word of answerWords(answer.script)) {
      await wait(word.waitMillis)
      event(piece(answer, [{ text: word.text }], false))
    }
    event(piece(answer, callPart(answer), true))
  },
  whole: (answer) =>
    piece(answer, [{ text: answerWords(answer.script).at(-1)?.text ?? "ok" }, ...callPart(answer)], true),
  error: (status) => ({
    error: {
      code: status,
      message: `The model server says ${status}`,
      status: status === 429 ? "RESOURCE_EXHAUSTED" : "UNAVAILABLE"
    }
  })
}
