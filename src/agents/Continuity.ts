/**
 * Continuity: a block that an agent prints is kept as a file for whoever continues from it. Read from the event stream,
 * so that no terminal waits for it; what is being typed into an agent is not taken for its own words.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Deliveries } from "../delivery/Deliveries.ts"
import { makeMessageId } from "../delivery/Outbox.ts"
import type { AgentName } from "../domain/Ids.ts"
import { Events } from "../events/Events.ts"
import { makeStripper, makeTail } from "../pty/terminalText.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"

// What agents write to keep something for their successors, and how successors read it. Plain functions.

interface Command {
  readonly action: "save" | "load" | "uncertain"
  readonly body: string
}

/** As 9.1.6 keeps it in `continuity/<agent>.json`. */
interface Kept {
  readonly agent_name: string
  readonly cli: string
  readonly initial_task: string | null
  readonly released_at: null
  readonly lifetime_seconds: null
  readonly message_history: ReadonlyArray<{ readonly from: string; readonly text: string }>
  readonly summary: string
}

/** Not more of an agent's output is looked at: a block is a note, not a book. */
const windowCharacters = 4_096

const kind = /^[ \t]*KIND:[ \t]*continuity[ \t]*$/im

/** Whether the rest is worth waiting for. */
export const mayHoldCommand = (output: string): boolean => kind.test(output)

/**
 * The last block in the output: the two keys on lines of their own, in any case, then perhaps an empty line and the body,
 * which ends at the next empty line.
 */
export const readCommand = (output: string): Command | undefined => {
  const lines = output.replace(/\r+\n?/g, "\n").split("\n")
  const at = lines.findLastIndex((line) => kind.test(line))
  const action = /^[ \t]*ACTION:[ \t]*(save|load|uncertain)[ \t]*$/i.exec(lines[at + 1] ?? "")?.[1]?.toLowerCase()
  if (at < 0 || (action !== "save" && action !== "load" && action !== "uncertain")) return undefined
  const rest = lines.slice(at + 2)
  const body = rest[0]?.trim() === "" ? rest.slice(1) : rest
  const end = body.findIndex((line) => line.trim() === "")
  const text = body
    .slice(0, end < 0 ? body.length : end)
    .map((line) => line.trimEnd())
    .join("\n")
  return { action, body: text }
}

const section = (title: string, text: string | null | undefined) =>
  text === null || text === undefined || text.trim() === "" ? [] : [`### ${title}`, text.trim()]

const contextOf = (kept: Kept): string =>
  [
    `## Continuity Context (from previous session as '${kept.agent_name}')`,
    ...section("Previous Task", kept.initial_task),
    ...section("Summary", kept.summary),
    ...section("Recent Messages", kept.message_history.map(({ from, text }) => `- ${from}: ${text}`).join("\n"))
  ].join("\n\n")

/** In front of a new task. */
export const withContext = (kept: Kept, task: string | undefined): string =>
  task === undefined || task.trim() === "" ? contextOf(kept) : `${contextOf(kept)}\n\n## Current Task\n\n${task}`

/** Undefined for names that would lead out of the directory: nothing is kept for them. */
export const fileNameOf = (agent: string): string | undefined =>
  agent === "" || /[/\\\0]/.test(agent) || agent === ".." || agent === "." ? undefined : `${agent}.json`

export class Continuity extends Context.Tag("relay-broker/agents/Continuity")<
  Continuity,
  {
    /** What an agent of this name kept; none also when it cannot be read, which is logged. */
    readonly find: (agent: string) => Effect.Effect<Option.Option<Kept>>
  }
>() {}

/** An agent that has been quiet for so long has said what it wanted to say. */
const quiet = "1 second"

const decode = Schema.decodeUnknownOption(
  Schema.parseJson(
    Schema.Struct({
      agent_name: Schema.String,
      cli: Schema.optionalWith(Schema.String, { default: () => "" }),
      initial_task: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
      released_at: Schema.optionalWith(Schema.Unknown, { default: () => null }),
      lifetime_seconds: Schema.optionalWith(Schema.Unknown, { default: () => null }),
      message_history: Schema.optionalWith(Schema.Array(Schema.Struct({ from: Schema.String, text: Schema.String })), {
        default: () => []
      }),
      summary: Schema.optionalWith(Schema.String, { default: () => "" })
    })
  )
)

interface Listening {
  readonly feed: (chunk: string) => string
  /** Deliveries that are being typed. */
  typing: number
}

const make = (directory: string | undefined) =>
  Effect.gen(function* () {
    const deliveries = yield* Deliveries
    const registry = yield* WorkerRegistry
    const agents = new Map<AgentName, Listening>()
    const run = yield* FiberMap.makeRuntime<never, AgentName, void>()

    const fresh = (): Listening => {
      const strip = makeStripper()
      const tail = makeTail(windowCharacters)
      return { feed: (chunk) => tail(strip(chunk)), typing: 0 }
    }

    const pathOf = (agent: string) => {
      const file = fileNameOf(agent)
      return directory === undefined || file === undefined ? undefined : join(directory, file)
    }

    const find = (agent: string): Effect.Effect<Option.Option<Kept>> => {
      const path = pathOf(agent)
      if (path === undefined) return Effect.succeedNone
      return Effect.tryPromise(() => readFile(path, "utf8")).pipe(
        Effect.map((text) =>
          Option.map(decode(text), (kept): Kept => ({ ...kept, released_at: null, lifetime_seconds: null }))
        ),
        Effect.catchAll((error) =>
          Effect.as(Effect.logInfo(`no continuity of ${agent}: ${error.message}`), Option.none())
        )
      )
    }

    const save = (agent: AgentName, cli: string, summary: string) => {
      const path = pathOf(agent)
      if (path === undefined || directory === undefined) {
        return Effect.logWarning(`continuity of ${JSON.stringify(agent)} is not kept: its name is no file name`)
      }
      const kept: Kept = {
        ...{ agent_name: agent, cli, initial_task: null, released_at: null, lifetime_seconds: null },
        ...{ message_history: [], summary }
      }
      const write = async () => {
        await mkdir(directory, { recursive: true, mode: 0o700 })
        await writeFile(`${path}.new`, JSON.stringify(kept, null, 2), { mode: 0o600 })
        await rename(`${path}.new`, path)
      }
      return Effect.tryPromise(write).pipe(
        Effect.catchAll((error) => Effect.logWarning(`continuity of ${agent} not kept: ${error.message}`))
      )
    }

    const obey = (agent: AgentName, { action, body }: Command) =>
      Effect.gen(function* () {
        const worker = Option.getOrUndefined(yield* registry.find(agent))
        if (worker === undefined || action === "uncertain") {
          return yield* Effect.logInfo(`${agent} is uncertain about what to continue: ${body.slice(0, 200)}`)
        }
        if (action === "save") return yield* save(agent, worker.spec.cli, body)
        const kept = yield* find(agent)
        if (Option.isNone(kept)) return
        const messageId = yield* makeMessageId("cont_load")
        yield* deliveries
          .sendLocal({
            ...{ to: worker, origin: "local", messageId, from: "broker", target: agent, text: contextOf(kept.value) },
            ...{ mode: "wait", threadId: undefined, priority: undefined }
          })
          .pipe(Effect.catchAll((error) => Effect.logWarning(`continuity for ${agent}: ${error.message}`)))
      })

    yield* (yield* Events).listen((event) => {
      switch (event.kind) {
        case "worker_stream": {
          const agent = agents.get(event.name) ?? fresh()
          agents.set(event.name, agent)
          if (agent.typing > 0) return
          const output = agent.feed(event.chunk)
          if (!mayHoldCommand(output)) return
          run(
            event.name,
            Effect.zipRight(
              Effect.sleep(quiet),
              Effect.suspend(() => {
                const command = readCommand(output)
                agents.set(event.name, { ...fresh(), typing: agent.typing })
                return command === undefined ? Effect.void : obey(event.name, command)
              })
            )
          )
          return
        }
        case "delivery_typing": {
          const agent = agents.get(event.name)
          agents.set(event.name, { ...fresh(), typing: (agent?.typing ?? 0) + 1 })
          return
        }
        case "delivery_verified":
        case "delivery_failed": {
          const agent = agents.get(event.name)
          if (agent !== undefined) agent.typing = Math.max(0, agent.typing - 1)
          return
        }
        case "agent_exited":
        case "agent_released":
          agents.delete(event.name)
          return
        default:
          return
      }
    })

    return Continuity.of({ find })
  })

/** `directory` is made with the first file; without one nothing is kept. */
export const layer = (
  directory: string | undefined
): Layer.Layer<Continuity, never, Deliveries | Events | WorkerRegistry> => Layer.scoped(Continuity, make(directory))
