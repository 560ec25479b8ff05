/**
 * What Claude Code says of itself: its hooks, its transcript, its session file. Pure: what they say, and what follows from it.
 * As measured with 2.1.197 and 2.1.332.
 *
 * A message is *taken* when the transcript has it as a user's message, or as a queued one that was joined to the running turn; or when a
 * hook shows that the turn which `UserPromptSubmit` announced goes on. `UserPromptSubmit` alone is no proof: it comes before a
 * hook of the user's own may refuse the prompt, and with 2.1.332 for a text that only waits in Claude's queue. 2.1.197 takes a
 * queued text into a running turn without any hook.
 *
 * Invariants: 1. what is told of a text comes from Claude's own record of it · 2. a prompt whose id is known already, or that comes
 * while a turn runs, waits in the queue: only the transcript says that it left it · 3. a turn that began and ended without a word of
 * hooks and transcript shows that there are none (`Absent`); the next word ends that · 4. after a turn that failed for want of a login it asks for one,
 * until a dialog opened or another turn ended · 5. unknown fields, kinds and states are nothing.
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { isRecord } from "../../domain/Json.ts"
import type { ProgramState, Signal } from "../Channel.ts"

/** One thing it said. */
export type Said =
  /** `UserPromptSubmit`. */
  | { readonly _tag: "Prompt"; readonly text: string; readonly promptId: string | undefined }
  /** The end of a turn. `login`: its model was not reached because nobody is logged in; Claude's own words. */
  | { readonly _tag: "Turn"; readonly promptId: string | undefined; readonly login?: string }
  /** It is going to ask for a permission, or asks a question by that way. */
  | { readonly _tag: "Asks"; readonly tool: string; readonly detail: string | undefined }
  /** The conversation has this text as a user's. */
  | { readonly _tag: "Recorded"; readonly text: string }
  | { readonly _tag: "Enqueued"; readonly text: string }
  /** Out of the queue and not in the conversation: a person took it back into the composer, or a hook refused it. */
  | { readonly _tag: "GivenBack"; readonly text: string }
  /** The session file. */
  | { readonly _tag: "Status"; readonly status: string; readonly waitingFor: string | undefined }

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true, exact: true })

const HookBody = Schema.Struct({
  hook_event_name: Schema.String,
  session_id: optional(Schema.String),
  transcript_path: optional(Schema.String),
  prompt_id: optional(Schema.String),
  /** Of a subagent: its turn is not the agent's. */
  agent_id: optional(Schema.String),
  prompt: optional(Schema.String),
  tool_name: optional(Schema.String),
  tool_input: optional(Schema.Unknown),
  /** Of a turn that failed. */
  error: optional(Schema.String),
  last_assistant_message: optional(Schema.String)
})

export interface Hook {
  readonly sessionId: string | undefined
  readonly transcript: string | undefined
  readonly said: Said | undefined
}

const decodeHook = Schema.decodeUnknownOption(HookBody)

const longestDetail = 200
/** `<pasted_content id="…">`: how 2.1.332 marks a text that stood as a chip in the composer. */
const pasteMark = /^[ \t]*<\/?pasted_content id="[^"\n]*">[ \t]*\n?/gm

/** A prompt as it was typed: without what Claude puts around a long paste. */
export const promptText = (text: string): string => text.replace(pasteMark, "").trim()

/** What a person is asked about, in one line. */
const detailOf = (tool: string, input: unknown): string | undefined => {
  const fields = isRecord(input) ? input : {}
  const questions = fields["questions"]
  const [first] = Array.isArray(questions) ? questions : []
  const named = [
    isRecord(first) ? first["question"] : undefined,
    fields["command"],
    fields["file_path"],
    fields["url"],
    fields["description"]
  ].find((value): value is string => typeof value === "string")
  const line = named?.replace(/\s+/g, " ").trim().slice(0, longestDetail)
  if (line === undefined || line === "") return tool === "" ? undefined : tool
  return tool === askTool ? line : `${tool}: ${line}`
}

const askTool = "AskUserQuestion"

export const readHook = (body: unknown): Hook | undefined => {
  const decoded = decodeHook(body)
  if (Option.isNone(decoded)) return undefined
  const hook = decoded.value
  const { prompt_id: promptId, session_id: sessionId, tool_name: tool = "", transcript_path: transcript } = hook
  const said = (): Said | undefined => {
    switch (hook.hook_event_name) {
      case "UserPromptSubmit":
        return hook.prompt === undefined ? undefined : { _tag: "Prompt", text: promptText(hook.prompt), promptId }
      case "PermissionRequest":
        return { _tag: "Asks", tool, detail: detailOf(tool, hook.tool_input) }
      case "Stop":
      case "StopFailure":
        if (hook.agent_id !== undefined) return undefined
        return hook.error === "authentication_failed"
          ? { _tag: "Turn", promptId, login: (hook.last_assistant_message ?? hook.error).slice(0, longestDetail) }
          : { _tag: "Turn", promptId }
      default:
        return undefined
    }
  }
  return { sessionId, transcript, said: said() }
}

const textOf = (content: unknown): string | undefined => {
  if (typeof content === "string") return content
  if (!Array.isArray(content)) return undefined
  const parts = content.flatMap((part) =>
    isRecord(part) && part["type"] === "text" && typeof part["text"] === "string" ? [part["text"]] : []
  )
  return parts.length === 0 ? undefined : parts.join("\n")
}

/** Lines that may say something of a user's message; the others are not parsed. */
const isOfInterest = (line: string): boolean =>
  line.includes('"type":"user"') ||
  line.includes('"queued_command"') ||
  line.includes('"queue-operation"') ||
  line.includes("operation blocked by hook")

const refusal = /operation blocked by hook[\s\S]*?\n\s*Original prompt: ([\s\S]*)$/

/** One line of the transcript. */
export const readTranscriptLine = (line: string): Said | undefined => {
  if (!isOfInterest(line)) return undefined
  const entry = parsed(line)
  if (!isRecord(entry)) return undefined
  const { attachment, content, isCompactSummary, isMeta, isSidechain, message, operation, type } = entry
  if (isMeta === true || isSidechain === true || isCompactSummary === true) return undefined
  if (type === "user" && isRecord(message)) {
    const text = textOf(message["content"])
    return text === undefined ? undefined : { _tag: "Recorded", text: promptText(text) }
  }
  if (type === "attachment" && isRecord(attachment) && attachment["type"] === "queued_command") {
    const text = textOf(attachment["prompt"])
    return text === undefined ? undefined : { _tag: "Recorded", text: promptText(text) }
  }
  if (type === "queue-operation" && typeof content === "string") {
    if (operation === "enqueue") return { _tag: "Enqueued", text: promptText(content) }
    return operation === "popAll" ? { _tag: "GivenBack", text: promptText(content) } : undefined
  }
  if (type === "system" && typeof content === "string") {
    const [, prompt] = refusal.exec(content) ?? []
    return prompt === undefined ? undefined : { _tag: "GivenBack", text: promptText(prompt) }
  }
  return undefined
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const SessionFile = Schema.parseJson(
  Schema.Struct({
    sessionId: Schema.String,
    status: optional(Schema.String),
    waitingFor: optional(Schema.String),
    startedAt: optional(Schema.Number)
  })
)
const decodeSession = Schema.decodeUnknownOption(SessionFile)

export interface SessionRecord {
  readonly sessionId: string
  /** Absent until the composer shows. */
  readonly status: Extract<Said, { readonly _tag: "Status" }> | undefined
  /** Milliseconds of the wall clock at which its process began. */
  readonly startedAt: number | undefined
}

/** Undefined: half written, or of another shape. */
export const readSession = (text: string): SessionRecord | undefined =>
  Option.match(decodeSession(text), {
    onNone: () => undefined,
    onSome: ({ sessionId, startedAt, status, waitingFor }) => ({
      sessionId,
      startedAt,
      status: status === undefined ? undefined : ({ _tag: "Status", status, waitingFor } as const)
    })
  })

export interface Progress {
  /** Turns that were announced, oldest first; bounded. */
  readonly promptIds: ReadonlyArray<string>
  /** The prompt that began the running turn, until it is proven. */
  readonly open: { readonly text: string; readonly promptId: string } | undefined
  readonly asks: Extract<Said, { readonly _tag: "Asks" }> | undefined
  readonly state: ProgramState | undefined
  /** The last turn did not reach its model for want of a login. */
  readonly login: string | undefined
  /** A hook or the transcript said something. */
  readonly heard: boolean
  /** Nothing is told by hooks and transcript: the screen counts. */
  readonly absent: boolean
}

export const unheard: Progress = {
  promptIds: [],
  open: undefined,
  asks: undefined,
  state: undefined,
  login: undefined,
  heard: false,
  absent: false
}

const rememberedIds = 32

const stateOf = (
  { status, waitingFor }: Extract<Said, { readonly _tag: "Status" }>,
  { asks, login }: Progress
): ProgramState | undefined => {
  if (status === "idle")
    return login === undefined ? { _tag: "Idle" } : { _tag: "Asking", what: "login", detail: login }
  if (status === "busy") return { _tag: "Busy" }
  if (status !== "waiting") return undefined
  if (waitingFor === "permission prompt" || waitingFor === "input needed") {
    // 2.1.197 calls a question a permission prompt as well.
    const what = waitingFor === "input needed" || asks?.tool === askTool ? "question" : "permission"
    return { _tag: "Asking", what, ...(asks?.detail === undefined ? {} : { detail: asks.detail }) }
  }
  if (waitingFor === "dialog open") return { _tag: "Asking", what: "menu" }
  return { _tag: "Asking", what: "screen", ...(waitingFor === undefined ? {} : { detail: waitingFor }) }
}

const sameState = (a: ProgramState | undefined, b: ProgramState): boolean =>
  a?._tag === b._tag && (b._tag !== "Asking" || (a?._tag === "Asking" && a.what === b.what && a.detail === b.detail))

const taken = (text: string): Signal => ({ _tag: "Taken", which: { text }, proof: "taken_with_text" })

const onStatus = (
  before: Progress,
  said: Extract<Said, { readonly _tag: "Status" }>
): readonly [Progress, ReadonlyArray<Signal>] => {
  const state = stateOf(said, before)
  if (state === undefined) return [before, []]
  const silent = said.status === "idle" && before.state?._tag === "Busy" && !before.heard
  const after: Progress = {
    ...before,
    state,
    asks: state._tag === "Asking" ? before.asks : undefined,
    login: said.status === "waiting" ? undefined : before.login,
    absent: before.absent || silent
  }
  if (silent && !before.absent) {
    return [after, [{ _tag: "Absent", reason: "its hooks are disabled and it keeps no transcript" }]]
  }
  return [after, after.absent || sameState(before.state, state) ? [] : [{ _tag: "State", state }]]
}

const onPrompt = (
  before: Progress,
  { promptId, text }: Extract<Said, { readonly _tag: "Prompt" }>
): readonly [Progress, ReadonlyArray<Signal>] => {
  const isKnown = promptId !== undefined && before.promptIds.includes(promptId)
  if (isKnown || before.state?._tag === "Busy" || before.state?._tag === "Asking")
    return [before, [{ _tag: "Queued", which: { text } }]]
  return [
    {
      ...before,
      promptIds: promptId === undefined ? before.promptIds : [...before.promptIds, promptId].slice(-rememberedIds),
      open: promptId === undefined ? undefined : { text, promptId }
    },
    [{ _tag: "Sign" }]
  ]
}

/** The turn of the prompt that is open goes on or ended: its model has the prompt. */
const proven = (before: Progress, promptId: string | undefined): readonly [Progress, ReadonlyArray<Signal>] =>
  before.open === undefined || before.open.promptId !== promptId
    ? [before, [{ _tag: "Sign" }]]
    : [{ ...before, open: undefined }, [taken(before.open.text)]]

export const next = (before: Progress, said: Said): readonly [Progress, ReadonlyArray<Signal>] => {
  if (said._tag === "Status") return onStatus(before, said)
  // It speaks again: its state, kept back meanwhile, comes first.
  const back: ReadonlyArray<Signal> =
    before.absent && before.state !== undefined ? [{ _tag: "State", state: before.state }] : []
  const [after, signals] = onWord({ ...before, heard: true, absent: false }, said)
  return [after, [...back, ...signals]]
}

const onWord = (
  before: Progress,
  said: Exclude<Said, { readonly _tag: "Status" }>
): readonly [Progress, ReadonlyArray<Signal>] => {
  switch (said._tag) {
    case "Prompt":
      return onPrompt(before, said)
    case "Turn":
      return proven({ ...before, login: said.login }, said.promptId)
    case "Asks":
      return [{ ...before, asks: said }, [{ _tag: "Sign" }]]
    case "Recorded":
      return [before.open?.text === said.text ? { ...before, open: undefined } : before, [taken(said.text)]]
    case "Enqueued":
      return [before, [{ _tag: "Queued", which: { text: said.text } }]]
    case "GivenBack":
      return [
        before.open?.text === said.text ? { ...before, open: undefined } : before,
        [{ _tag: "Returned", which: { text: said.text } }]
      ]
  }
}
