/** What the four APIs have in common: a request read, an answer written. */
import type { ServerResponse } from "node:http"
import type { Script } from "./script.ts"

/** One text block that a user message of a request holds. */
export interface UserText {
  readonly text: string
  /** After the last word of the model: it starts or steers this turn. */
  readonly isNew: boolean
}

export interface ToolCall {
  readonly name: string
  readonly input: { readonly [field: string]: unknown }
}

export interface ReadRequest {
  readonly model: string
  readonly stream: boolean
  /** Oldest first. */
  readonly texts: ReadonlyArray<UserText>
  /** Names of the tools that the request offers. */
  readonly tools: ReadonlyArray<string>
  /** What the request ends with is the result of a tool. */
  readonly endsWithToolResult: boolean
  /** A request of the conversation itself, not for a title, a summary, a check of the quota. */
  readonly isTurn: boolean
}

/** Writes an answer in pieces; every `await` ends early when the client left. */
export interface Writer {
  readonly response: ServerResponse
  readonly event: (data: unknown, name?: string) => void
  /** Rejects when the client left. */
  readonly wait: (millis: number) => Promise<void>
}

export interface Answer {
  readonly script: Script
  readonly call: ToolCall | undefined
  readonly request: ReadRequest
  readonly id: string
}

export type Json = { readonly [field: string]: unknown }

export interface Api {
  readonly name: "messages" | "responses" | "chat" | "gemini"
  readonly matches: (path: string) => boolean
  readonly read: (body: Json, path: string) => ReadRequest
  readonly shellCall: (tools: ReadonlyArray<string>, command: string, asks: boolean) => ToolCall | undefined
  readonly askCall: (tools: ReadonlyArray<string>) => ToolCall | undefined
  /** The answer as a stream of events. */
  readonly stream: (writer: Writer, answer: Answer) => Promise<void>
  /** The same answer as one JSON value. */
  readonly whole: (answer: Answer) => Json
  readonly error: (status: number) => Json
}

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const objects = (value: unknown): ReadonlyArray<Json> => (Array.isArray(value) ? value.filter(isObject) : [])

export const text = (value: unknown): string => (typeof value === "string" ? value : "")

/** The texts of a content that is a string or a list of blocks with `text`. */
export const blockTexts = (content: unknown): ReadonlyArray<string> =>
  typeof content === "string"
    ? [content]
    : objects(content).flatMap((block) => (typeof block["text"] === "string" ? [block["text"]] : []))

/** The first of `names` that is offered, whatever its case. */
export const offered = (tools: ReadonlyArray<string>, ...names: ReadonlyArray<string>): string | undefined =>
  names
    .map((name) => tools.find((tool) => tool.toLowerCase() === name.toLowerCase()))
    .find((name) => name !== undefined)

const question = {
  question: "Which colour shall it be?",
  header: "Colour",
  multiSelect: false,
  options: [
    { label: "Red", description: "The warm one" },
    { label: "Blue", description: "The cold one" }
  ]
}

/** Input of the question tools; the programs took it over from each other. */
export const questionInput = (name: string): Json =>
  name.toLowerCase() === "ask_user" ? { questions: [{ ...question, type: "choice" }] } : { questions: [question] }

export const summaryText = "<summary>What was said so far was a test.</summary>"
