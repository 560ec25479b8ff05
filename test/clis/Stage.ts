/** What a case does with its world: send, type as a person, look, wait for facts. */
import { randomBytes } from "node:crypto"
import * as Effect from "effect/Effect"
import { facts, type ScreenFacts } from "./facts.ts"
import type { Exchange } from "./model/ModelServer.ts"
import { type Finding, findings, receiptOf, type Sent } from "./Verdict.ts"
import type { Family } from "./versions.ts"
import { Problem, type World } from "./World.ts"

/** A message is looked for in the model's record this long; nothing waits longer in a healthy broker. */
const dueMillis = 60_000
/** After the ack: the program has it, and its request is a matter of moments. */
const graceMillis = 12_000
/** After the model has it. */
const ackMillis = 15_000

export interface SendOptions {
  readonly mode?: "wait" | "steer"
  readonly channel?: string
  readonly to?: string
  /** What the model must hold, when it is not the body as it is. */
  readonly expected?: string
  /** What this program is known to make of it by itself. */
  readonly orElse?: string | undefined
  readonly expect?: Sent["expect"]
}

export interface AgentRow {
  readonly name: string
  readonly pid: number | null
  readonly readiness?: string
  readonly [field: string]: unknown
}

export interface Stage {
  readonly family: Family
  readonly version: string
  readonly world: World
  readonly facts: ScreenFacts
  readonly factsOf: (family: Family) => ScreenFacts
  /** Body of the case's messages: a marker of its own, then the text. */
  readonly spawn: (
    name: string,
    o?: { readonly cli?: string; readonly args?: ReadonlyArray<string>; readonly [field: string]: unknown }
  ) => Effect.Effect<void, Problem>
  readonly marker: () => string
  /** `body` may hold `{m}`, the place of the marker; else it stands in front. */
  readonly send: (body: string, o?: SendOptions) => Effect.Effect<Sent, Problem>
  /** Another model than the family's own reads it. */
  readonly sendTo: (agent: string, who: string, body: string, o?: SendOptions) => Effect.Effect<Sent, Problem>
  readonly received: (sent: Sent, withinMillis?: number) => Effect.Effect<number, Problem>
  readonly isReceived: (sent: Sent) => boolean
  /** As a person at the keyboard, or by the API without saying so. */
  readonly type: (
    data: string,
    o?: { readonly human?: boolean; readonly agent?: string }
  ) => Effect.Effect<void, Problem>
  readonly screen: (agent?: string) => Effect.Effect<string, Problem>
  readonly shows: (pattern: RegExp, withinMillis?: number, agent?: string) => Effect.Effect<string, Problem>
  /** Until the composer is there and the model owes no answer. */
  readonly idle: (withinMillis?: number) => Effect.Effect<void, Problem>
  readonly exchange: (
    what: string,
    fits: (exchange: Exchange) => boolean,
    withinMillis?: number
  ) => Effect.Effect<Exchange, Problem>
  readonly agent: (name?: string) => Effect.Effect<AgentRow | undefined, Problem>
  readonly get: (path: string) => Effect.Effect<unknown, Problem>
  readonly post: (path: string, body: unknown) => Effect.Effect<unknown, Problem>
  readonly release: (name?: string) => Effect.Effect<void, Problem>
  readonly require: (holds: boolean, what: string) => Effect.Effect<void, Problem>
  readonly found: (finding: Finding) => void
  readonly note: (text: string) => void
}

export interface StageRecord {
  readonly stage: Stage
  readonly sent: ReadonlyArray<Sent>
  readonly notes: ReadonlyArray<string>
  readonly extra: ReadonlyArray<Finding>
  /** Waits until every message had its time; what is wrong then. */
  readonly settle: Effect.Effect<ReadonlyArray<Finding>>
}

export const agentName = "worker"

export const makeStage = (o: {
  readonly world: World
  readonly family: Family
  readonly version: string
}): StageRecord => {
  const { world } = o
  const { engine, model, until } = world
  const sent: Array<Sent> = []
  const notes: Array<string> = []
  const extra: Array<Finding> = []
  const marker = () => `q${randomBytes(4).toString("hex")}q`

  engine.observations.onEvent((event) => {
    if (event._tag !== "Row" || event.state !== "acked") return
    for (const each of sent)
      if (each.messageId === event.msgId && each.agent === event.agent && each.ackedAt === undefined)
        each.ackedAt = Date.now()
  })

  const asProblem = (error: { readonly message: string }) => new Problem({ reason: error.message })
  const broker = Effect.try({ try: () => world.broker(), catch: () => new Problem({ reason: "no broker runs" }) })
  const get = (path: string) => Effect.flatMap(broker, (it) => Effect.mapError(it.expect("GET", path), asProblem))
  const post = (path: string, body: unknown) =>
    Effect.flatMap(broker, (it) => Effect.mapError(it.expect("POST", path, body), asProblem))

  const screen = (agent = agentName) =>
    Effect.map(get(`/api/spawned/${agent}/snapshot?format=plain`), (answer) => (answer as { screen: string }).screen)

  const sendTo: Stage["sendTo"] = (agent, who, body, options = {}) =>
    Effect.gen(function* () {
      const mark = marker()
      const text = body.includes("{m}") ? body.replace("{m}", mark) : `${mark} ${body}`
      const to = options.channel === undefined ? (options.to ?? agent) : undefined
      const mode = options.mode === undefined ? {} : { mode: options.mode }
      const sentAt = Date.now()
      const { messageId } = yield* (
        to === undefined
          ? engine.post({ from: "alice", channel: options.channel ?? "general", text, ...mode })
          : engine.send({ from: "alice", to, text, ...mode })
      ).pipe(Effect.mapError((error) => new Problem({ reason: `the engine refused the message: ${error.message}` })))
      const row = engine.mailbox(agent).find(({ msgId }) => msgId === messageId)
      const message: Sent = {
        marker: mark,
        body: text,
        expected: (options.expected ?? (body.includes("{m}") ? body : `{m} ${body}`)).replace("{m}", mark).trim(),
        orElse: options.orElse?.replace("{m}", mark),
        who,
        agent,
        messageId,
        seq: row?.seq ?? 0,
        sentAt,
        ackedAt: row?.state === "acked" ? sentAt : undefined,
        expect: options.expect ?? "due"
      }
      sent.push(message)
      return message
    })

  const isReceived = (message: Sent) => receiptOf(message, model.exchanges) !== undefined

  const stage: Stage = {
    family: o.family,
    version: o.version,
    world,
    facts: facts[o.family],
    factsOf: (family) => facts[family],
    marker,
    spawn: (name, { args, cli, ...more } = {}) =>
      Effect.gen(function* () {
        const started = performance.now()
        yield* post("/api/spawn", {
          name,
          cli: cli ?? o.family,
          args: args ?? [],
          channels: ["general"],
          cwd: world.home.project,
          ...more
        })
        notes.push(`spawn answered after ${Math.round(performance.now() - started)} ms`)
      }),
    send: (body, options) => sendTo(agentName, o.family, body, options),
    sendTo,
    isReceived,
    received: (message, within = dueMillis) =>
      Effect.map(
        until(
          `the model of ${message.who} received ${message.marker}`,
          Effect.sync(() => receiptOf(message, model.exchanges)),
          within
        ),
        ({ at }) => at - message.sentAt
      ),
    type: (data, { agent = agentName, human = true } = {}) =>
      Effect.asVoid(post(`/api/input/${agent}`, { data, ...(human ? { human } : {}) })),
    screen,
    shows: (pattern, within = 20_000, agent = agentName) =>
      until(
        `the screen shows ${pattern}`,
        Effect.map(screen(agent), (text) => (pattern.test(text) ? text : undefined)),
        within
      ).pipe(
        Effect.catchTag("Problem", (problem) =>
          Effect.flatMap(
            Effect.orElseSucceed(screen(agent), () => "no screen"),
            (text) => new Problem({ reason: `${problem.reason}\n${text}` })
          )
        )
      ),
    idle: (within = 90_000) =>
      Effect.asVoid(
        until(
          "the agent is at its composer and the model owes no answer",
          Effect.map(screen(), (text) =>
            facts[o.family].composer.test(text) && model.exchanges.every(({ outcome }) => outcome !== "open")
              ? true
              : undefined
          ),
          within
        )
      ),
    exchange: (what, fits, within = dueMillis) =>
      until(
        what,
        Effect.sync(() => model.exchanges.find(fits)),
        within
      ),
    agent: (name = agentName) =>
      Effect.map(get("/api/spawned"), (answer) =>
        (answer as { agents: ReadonlyArray<AgentRow> }).agents.find((each) => each.name === name)
      ),
    get,
    post,
    release: (name = agentName) =>
      Effect.asVoid(
        Effect.flatMap(broker, (it) => Effect.mapError(it.expect("DELETE", `/api/spawned/${name}`), asProblem))
      ),
    require: (holds, what) => (holds ? Effect.void : new Problem({ reason: what })),
    found: (finding) => void extra.push(finding),
    note: (text) => void notes.push(text)
  }

  const settle = Effect.gen(function* () {
    const due = (message: Sent) => message.expect === "due" || message.ackedAt !== undefined
    yield* until(
      "all is received",
      Effect.sync(() => (sent.every((message) => !due(message) || isReceived(message)) ? true : undefined)),
      sent.some((message) => message.ackedAt === undefined && due(message)) ? dueMillis : graceMillis
    ).pipe(Effect.ignore)
    // An ack that comes last has its grace as well.
    yield* until(
      "all that is acked is received",
      Effect.sync(() =>
        sent.every((message) => message.ackedAt === undefined || isReceived(message)) ? true : undefined
      ),
      graceMillis
    ).pipe(Effect.ignore)
    yield* until(
      "all that is received is acked",
      Effect.sync(() =>
        sent.every((message) => message.ackedAt !== undefined || !isReceived(message)) ? true : undefined
      ),
      ackMillis
    ).pipe(Effect.ignore)
    const unacked = sent.filter((message) => message.ackedAt === undefined && isReceived(message))
    return [
      ...extra,
      ...findings(sent, model.exchanges),
      ...unacked.map(
        ({ marker: mark }): Finding => ({
          fault: "not as promised",
          detail: `${mark}: received, not acked within ${ackMillis / 1_000} s`
        })
      )
    ]
  })

  return { stage, sent, notes, extra, settle }
}
