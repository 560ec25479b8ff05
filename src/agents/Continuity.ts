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
import { makeMessageId } from "../delivery/ids.ts"
import type { AgentName } from "../domain/Ids.ts"
import { Events } from "../events/Events.ts"
import { makeStripper, makeTail } from "../pty/terminalText.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import {
  type Command,
  contextOf,
  fileNameOf,
  type Kept,
  mayHoldCommand,
  readCommand,
  windowCharacters
} from "./continuityText.ts"

export class Continuity extends Context.Tag("relay-broker/api/Continuity")<
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
