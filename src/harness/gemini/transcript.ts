/** Gemini CLI's transcripts: `tmp/<project>/chats/session-<time>-<first eight of the id>.jsonl` below its directory. */
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type { MessageId } from "../../domain/Ids.ts"
import { isRecord } from "../../domain/Json.ts"
import { type Looked, messageIdsIn } from "../Channel.ts"
import { parsedJson } from "../jsonEntry.ts"

type Environment = Readonly<Record<string, string>>

/** Where it keeps what it knows of a user. */
export const geminiDirectory = (environment: Environment): string =>
  join(environment["GEMINI_CLI_HOME"] ?? environment["HOME"] ?? "/", ".gemini")

const names = (directory: string) => readdir(directory).catch((): Array<string> => [])

/** The paths of a session's transcripts; it has none before the first thing was said in it. */
export const transcriptsOf = (environment: Environment, sessionId: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => {
    const projects = join(geminiDirectory(environment), "tmp")
    const found: Array<string> = []
    for (const project of await names(projects)) {
      const chats = join(projects, project, "chats")
      for (const name of await names(chats)) {
        if (!name.endsWith(`-${sessionId.slice(0, 8)}.jsonl`)) continue
        const path = join(chats, name)
        const text = await readFile(path, "utf8").catch(() => "")
        if (text.slice(0, 2_000).includes(`"${sessionId}"`)) found.push(path)
      }
    }
    return found
  })

const textsOf = (content: unknown): ReadonlyArray<string> => {
  if (typeof content === "string") return [content]
  if (!Array.isArray(content)) return []
  return content.flatMap((part) => (isRecord(part) && typeof part["text"] === "string" ? [part["text"]] : []))
}

/** The ids of the messages that stand in lines of a transcript as a user's. */
export const messagesIn = (transcript: string): ReadonlySet<string> => {
  const ids = new Set<string>()
  for (const line of transcript.split("\n")) {
    const record = parsedJson(line)
    if (!isRecord(record) || record["type"] !== "user") continue
    const { message } = record
    const content = record["content"] ?? (isRecord(message) ? (message["parts"] ?? message["content"]) : undefined)
    for (const id of messageIdsIn(textsOf(content).join("\n"))) ids.add(id)
  }
  return ids
}

/** Which messages these transcripts hold; nothing is said when there is none. */
export const lookUp = (paths: ReadonlyArray<string>, messages: ReadonlyArray<MessageId>): Effect.Effect<Looked> =>
  Effect.promise(async () => {
    const texts = await Promise.all(paths.map((path) => readFile(path, "utf8").catch(() => undefined)))
    const read = texts.filter((text) => text !== undefined)
    const held = new Set(read.flatMap((text) => [...messagesIn(text)]))
    return { answered: read.length > 0, found: new Set(messages.filter((id) => held.has(id))) }
  })
