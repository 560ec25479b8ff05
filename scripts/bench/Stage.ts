/**
 * What one scenario plays on, for one subject: an engine of ours on loopback, the broker's process with a home of its own,
 * agents in its terminals. Only what every broker offers is used: the command line, `POST /api/spawn`, the engine's side.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type BrokerProcess, startBroker } from "../../src/testing/BrokerProcess.ts"
import type { EngineEvent } from "../../src/testing/engine/Observations.ts"
import { FakeEngine, type FakeEngineService } from "../../src/testing/FakeEngine.ts"
import { nowMillis } from "./Clock.ts"
import { endAll, programsBelow } from "./ProcessTree.ts"
import { listen, type Recorders } from "./Recorders.ts"
import type { Subject } from "./Subject.ts"

export class StageFailed extends Data.TaggedError("StageFailed")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

/** One message on its way, milliseconds on the monotonic clock. */
export interface Sent {
  readonly id: string
  readonly agent: string
  readonly seq: number
  /** The engine hands the frame to its socket. */
  readonly frame: number
}

export interface Stage {
  readonly engine: FakeEngineService
  readonly broker: BrokerProcess
  readonly recorders: Recorders
  /** Programs that report what they read; returns when all have started. */
  readonly addRecorders: (
    names: ReadonlyArray<string>,
    flags?: ReadonlyArray<string>
  ) => Effect.Effect<void, StageFailed>
  /** Programs that take no part (fixtures/programs/bench-agent.sh). */
  readonly addAgents: (
    names: ReadonlyArray<string>,
    kind: "idle" | "stalled" | "flood" | "stream"
  ) => Effect.Effect<void, StageFailed>
  /** A program of the caller's own: its path as the CLI, so that its name is the family's. */
  readonly addProgram: (name: string, path: string) => Effect.Effect<void, StageFailed>
  readonly send: (agent: string) => Effect.Effect<Sent, StageFailed>
  /** When the engine had the ack of that message; waits for it. */
  readonly acked: (sent: Sent) => Effect.Effect<number>
}

const sender = "sender"
/** About as long as what agents tell each other. */
const filler = "The tests of the parser are green again; please have a look at the branch when you are done. ".repeat(2)

/** A spawn is answered when the program has run for a moment; many wait for that together. */
const spawnsAtOnce = 10

const asFailure = (error: { readonly message: string }) => new StageFailed({ reason: error.message })

/** When each delivery frame left and each ack came; by agent and number. */
const makeLog = () => {
  const frames = new Map<string, { readonly seq: number; readonly at: number }>()
  const acks = new Map<string, Array<{ readonly upTo: number; readonly at: number }>>()
  const onEvent = (event: EngineEvent) => {
    const at = nowMillis()
    if (event._tag === "FrameOut" && event.frame.type === "deliver") {
      const { agent, msg_id, seq } = event.frame as unknown as { agent: string; msg_id: string; seq: number }
      if (!frames.has(`${agent}/${msg_id}`)) frames.set(`${agent}/${msg_id}`, { seq, at })
    } else if (event._tag === "Ack") {
      acks.set(event.agent, [...(acks.get(event.agent) ?? []), { upTo: event.upToSeq, at }])
    }
  }
  return {
    onEvent,
    frame: (agent: string, messageId: string) => frames.get(`${agent}/${messageId}`),
    ack: (agent: string, seq: number) => acks.get(agent)?.find(({ upTo }) => upTo >= seq)?.at
  }
}

let stages = 0
let messages = 0

export const open = (
  subject: Subject,
  o: { readonly root: string; readonly place: string }
): Effect.Effect<Stage, StageFailed, Scope.Scope> =>
  Effect.gen(function* () {
    stages += 1
    const home = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(o.place, `${subject.who}-`))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }))
    )
    const recorders = yield* listen(join(o.place, `${stages}.sock`))
    const log = makeLog()
    const engine = yield* FakeEngine.make({ workspace: "bench", onEvent: log.onEvent, keep: 200, depth: 200_000 })
    const { baseUrl } = yield* engine.listen().pipe(Effect.mapError(asFailure))
    const work = join(home, "work")
    mkdirSync(work)
    // A broker that had to be killed may leave its workers behind.
    let below: ReadonlyMap<number, string> = new Map()
    yield* Effect.addFinalizer(() => Effect.sync(() => endAll(below)))
    const broker = yield* startBroker({
      program: subject.program,
      home: work,
      engineUrl: baseUrl,
      workspaceKey: engine.key(),
      args: ["--persist", "--instance-name", "bench", "--channels", "general", "--api-port", "0"],
      env: { HOME: home, XDG_DATA_HOME: join(home, "data"), DO_NOT_TRACK: "1", AGENT_RELAY_TELEMETRY_DISABLED: "1" }
    }).pipe(Effect.mapError(asFailure))
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        below = programsBelow(broker.pid)
      })
    )
    yield* engine.awaitNode()
    yield* engine.registerAgent(sender, { type: "human" }).pipe(Effect.orDie)

    const spawn = (name: string, cli: string, args: ReadonlyArray<string>) =>
      broker
        .expect("POST", "/api/spawn", { name, cli, args, channels: ["general"] })
        .pipe(Effect.zipRight(engine.awaitHosted(name)), Effect.mapError(asFailure))
    const program = (name: string) => join(o.root, "fixtures", "programs", name)

    const send = (agent: string) =>
      Effect.gen(function* () {
        messages += 1
        const id = `m${messages}`
        const text = `${filler}[end ${id}]`
        const { messageId } = yield* engine.send({ from: sender, to: agent, text }).pipe(Effect.mapError(asFailure))
        const frame = log.frame(agent, messageId)
        if (frame === undefined) return yield* new StageFailed({ reason: `no frame left for ${agent}` })
        return { id, agent, seq: frame.seq, frame: frame.at }
      })

    return {
      engine,
      broker,
      recorders,
      addRecorders: (names, flags = []) =>
        Effect.forEach(
          names,
          (name) =>
            spawn(name, process.execPath, [program("bench-recorder.mjs"), recorders.path, name, ...flags]).pipe(
              Effect.zipRight(recorders.awaitHello(name))
            ),
          { discard: true, concurrency: spawnsAtOnce }
        ),
      addAgents: (names, kind) =>
        Effect.forEach(names, (name) => spawn(name, program("bench-agent.sh"), [kind]), {
          discard: true,
          concurrency: spawnsAtOnce
        }),
      addProgram: (name, path) => spawn(name, path, []),
      send,
      acked: (sent) =>
        Effect.map(engine.awaitAck(sent.agent, sent.seq), () => log.ack(sent.agent, sent.seq) ?? Number.NaN)
    }
  })
