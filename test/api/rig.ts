/** The real API on a real socket over small in-memory fakes of the rooms below. A test scripts what they answer and reads what they were asked. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { type RawData, WebSocket } from "ws"
import { Actions } from "../../src/agents/Actions.ts"
import { AgentWatch, type ExitedAgent } from "../../src/agents/AgentWatch.ts"
import { Preflight, type PreflightAgent } from "../../src/agents/Preflight.ts"
import { ResultTokens } from "../../src/agents/ResultTokens.ts"
import { type Subscription, Subscriptions } from "../../src/agents/Subscriptions.ts"
import { type Alert, Alerts, type PastAlert } from "../../src/alerts/Alerts.ts"
import { type ApiOptions, type ApiServices, attach } from "../../src/api/Api.ts"
import { startingHealth } from "../../src/api/broker/startingHealth.ts"
import { bind, type ListenerTimeouts } from "../../src/broker/ApiListener.ts"
import { Broker, type BrokerInfo } from "../../src/broker/Broker.ts"
import type { Drain } from "../../src/broker/Drain.ts"
import {
  type AgentMailbox,
  Deliveries,
  type DeliveryCounters,
  type DeliveryTrace,
  type PendingDelivery
} from "../../src/delivery/Deliveries.ts"
import type { HeldMessage } from "../../src/delivery/Holding.ts"
import { Outbox, type SendRequest } from "../../src/delivery/Outbox.ts"
import type { AgentSpec } from "../../src/domain/AgentSpec.ts"
import { UnknownDeadLetter, UnknownWorker } from "../../src/domain/Errors.ts"
import { AgentId, AgentName, DeliveryId, Generation, MessageId, WorkspaceId } from "../../src/domain/Ids.ts"
import { EngineApi, type ListedMessage } from "../../src/engine/EngineApi.ts"
import { Events } from "../../src/events/Events.ts"
import { Hooks } from "../../src/harness/Hooks.ts"
import type { Worker, WorkerStatus } from "../../src/injection/Worker.ts"
import { NodeControl, type NodeSessionView } from "../../src/node/NodeControl.ts"
import * as LiveSidecarHub from "../../src/sidecar/SidecarHub.ts"
import { SidecarHub } from "../../src/sidecar/SidecarHub.ts"
import { MemoryStore } from "../../src/store/MemoryStore.ts"
import type { DeadLetterRecord } from "../../src/store/Store.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"

export const apiKey = "br_0123456789abcdef"
export const workspaceKey = "rk_live_secret"

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: unknown
}

export interface AskOptions {
  readonly key?: string | undefined
  readonly headers?: Record<string, string>
  readonly json?: unknown
  readonly raw?: string | Buffer
}

/** What the fakes answer: replaced by a test before it asks. */
export interface Script {
  spawn: Actions["Type"]["spawn"]
  release: Actions["Type"]["release"]
  send: Outbox["Type"]["send"]
  subscribe: Subscriptions["Type"]["subscribe"]
  conversations: ReturnType<EngineApi["Type"]["directConversations"]>
  conversationMessages: Map<string, ReadonlyArray<ListedMessage>>
  workers: Array<Worker>
  starting: Array<AgentName>
  alerts: Array<Alert>
  pastAlerts: Array<PastAlert>
  pending: Array<PendingDelivery>
  held: Array<HeldMessage>
  deadLetters: Array<DeadLetterRecord>
  /** Newest first. */
  traces: Array<DeliveryTrace>
  exited: Array<ExitedAgent>
  mailboxes: Array<AgentMailbox>
  counters: DeliveryCounters
  redeliver: Deliveries["Type"]["redeliver"]
  session: NodeSessionView
  drain: Drain | undefined
  renew: Effect.Effect<number>
  shutdown: (reason: string) => Effect.Effect<void>
}

export interface Seen {
  readonly spawned: Array<Parameters<Actions["Type"]["spawn"]>[0]>
  readonly released: Array<Parameters<Actions["Type"]["release"]>[0]>
  readonly sent: Array<SendRequest>
  readonly redelivered: Array<string>
  readonly reconnects: Array<string>
  readonly purged: Array<string | undefined>
  readonly written: Array<string>
  readonly models: Array<string>
  /** Raised by the API itself. */
  readonly alerts: Array<string>
  readonly subscribed: Array<Subscription>
  readonly preflighted: Array<ReadonlyArray<PreflightAgent>>
  readonly resized: Array<readonly [cols: number, rows: number]>
}

const status: WorkerStatus = {
  readiness: "ready",
  currentState: "idle",
  lastActivityMillis: Date.parse("2026-01-02T03:04:05.000Z"),
  queued: 2,
  waiting: "busy",
  asking: undefined,
  channel: { standing: "none", name: "screen", reason: undefined }
}

const spec: AgentSpec = {
  name: AgentName.make("w1"),
  cli: "claude",
  args: [],
  channels: ["general"],
  cwd: "/"
}

export const seenNothing = (): Seen => ({
  spawned: [],
  released: [],
  sent: [],
  redelivered: [],
  reconnects: [],
  purged: [],
  written: [],
  models: [],
  alerts: [],
  subscribed: [],
  preflighted: [],
  resized: []
})

export const fakeWorker = (seen: Seen, overrides: Partial<Worker> = {}): Worker => ({
  name: AgentName.make("w1"),
  generation: Generation.make(1),
  agentId: AgentId.make("agent_1"),
  spec,
  runtime: "pty",
  provider: undefined,
  pid: 4711,
  startedAtMillis: Date.parse("2026-01-02T03:00:00.000Z"),
  resumed: false,
  settle: () => Effect.succeed(false),
  lookup: () => Effect.succeed({ answered: false, found: new Set() }),
  logPath: undefined,
  status: Effect.succeed(status),
  submit: () => Effect.die("not asked here"),
  write: (data) => Effect.sync(() => void seen.written.push(data)),
  mode: Effect.succeed("auto_inject"),
  setMode: () => Effect.succeed({ previous: "auto_inject", flushed: 0 }),
  pending: Effect.succeed([]),
  flush: () => Effect.succeed(0),
  hold: Effect.void,
  resume: Effect.void,
  snapshot: (format) =>
    Effect.succeed({ format, rows: 2, cols: 10, cursor: [2, 3], screen: "hello\n> \n", position: 9, resume: "" }),
  resize: (cols, rows) => Effect.sync(() => void seen.resized.push([cols, rows])),
  channels: Effect.succeed(overrides.spec?.channels ?? spec.channels),
  setChannels: () => Effect.void,
  model: Effect.succeed(overrides.spec?.model),
  setModel: (model) => Effect.sync(() => void seen.models.push(model)),
  exit: Effect.never,
  silence: Effect.void,
  end: () => Effect.never,
  ...overrides
})

const info: BrokerInfo = {
  version: "9.9.9",
  mode: "ephemeral",
  instanceName: "proj",
  startedAtMillis: 0,
  workspaceId: WorkspaceId.make("ws_1"),
  workspaceAlias: undefined,
  workspaceKey: Redacted.make(workspaceKey),
  relayBaseUrl: null,
  selfName: AgentName.make("proj"),
  selfAgentId: "agent_self",
  defaultChannels: ["general", "engineering"],
  attached: [],
  apiUrl: "http://127.0.0.1:0"
}

/** Without others given: attached to its default workspace only. */
const infoOf = (given: Partial<BrokerInfo> = {}): BrokerInfo => {
  const whole = { ...info, ...given }
  if (whole.attached.length > 0) return whole
  const { selfAgentId, selfName, workspaceAlias: alias, workspaceId, workspaceKey } = whole
  const agent = { id: AgentId.make(selfAgentId), name: selfName, token: Redacted.make("at_live_self") }
  return { ...whole, attached: [{ workspaceId, workspaceKey, ...(alias === undefined ? {} : { alias }), agent }] }
}

/** What a message was sent in, for answers of the fake outbox. */
export const workspace = { workspaceId: WorkspaceId.make("ws_1") }

export interface Client {
  readonly socket: WebSocket
  /** Parsed, in order. */
  readonly frames: Array<Record<string, unknown>>
  readonly pings: () => number
  /** Resolves when `frames` satisfies the condition; never polls. */
  readonly until: (condition: (frames: ReadonlyArray<Record<string, unknown>>) => boolean) => Effect.Effect<void>
  readonly pinged: (times: number) => Effect.Effect<void>
  readonly closed: Effect.Effect<number>
}

const ask =
  (url: string) =>
  (method: string, path: string, o: AskOptions = {}): Effect.Effect<Answer> =>
    Effect.promise(async () => {
      const key = "key" in o ? o.key : apiKey
      const body = o.raw ?? (o.json === undefined ? undefined : JSON.stringify(o.json))
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(key === undefined ? {} : { "x-api-key": key }),
          ...(o.json === undefined ? {} : { "content-type": "application/json" }),
          ...o.headers
        },
        ...(body === undefined ? {} : { body })
      })
      const text = await response.text()
      const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson && text !== "" ? JSON.parse(text) : undefined
      }
    })

const connect = (url: string, path: string, headers: Record<string, string>) =>
  Effect.acquireRelease(
    Effect.async<Client>((resume) => {
      const socket = new WebSocket(url.replace("http", "ws") + path, { headers })
      const frames: Array<Record<string, unknown>> = []
      const waiting = new Set<() => void>()
      let pings = 0
      const until = (condition: () => boolean) =>
        Effect.async<void>((done) => {
          const check = () => {
            if (!condition()) return
            waiting.delete(check)
            done(Effect.void)
          }
          waiting.add(check)
          check()
        })
      socket.on("message", (data: RawData) => {
        frames.push(JSON.parse(data.toString()))
        for (const check of waiting) check()
      })
      socket.on("ping", () => {
        pings += 1
        for (const check of waiting) check()
      })
      const closed = new Promise<number>((done) => socket.on("close", (code) => done(code)))
      socket.on("error", (error) => resume(Effect.die(error)))
      socket.on("open", () =>
        resume(
          Effect.succeed({
            socket,
            frames,
            pings: () => pings,
            until: (condition) => until(() => condition(frames)),
            pinged: (times) => until(() => pings >= times),
            closed: Effect.promise(() => closed)
          })
        )
      )
    }),
    ({ socket }) => Effect.sync(() => socket.terminate())
  )

/** The real hub, whose declarations go nowhere and which starts nothing. */
const sidecars = Layer.scoped(
  SidecarHub,
  LiveSidecarHub.make({
    capabilities: [],
    declare: () => Effect.void,
    launch: () => Effect.never,
    logPath: undefined,
    nodeName: Effect.succeed("rig-node")
  })
).pipe(Layer.provide(Alerts.layer), Layer.provide(Events.layer))

export interface RigOptions extends Partial<ApiOptions> {
  readonly info?: Partial<BrokerInfo>
  readonly timeouts?: Partial<ListenerTimeouts>
  /** One that several runs share. */
  readonly store?: ReturnType<typeof MemoryStore.make>
}

export const makeRig = (options: RigOptions = {}) =>
  Effect.gen(function* () {
    const seen = seenNothing()
    const worker = fakeWorker(seen)
    const script: Script = {
      spawn: ({ spec }) =>
        Effect.succeed({ worker: fakeWorker(seen, { name: spec.name, spec, pid: 1234 }), registered: true }),
      release: ({ name }) =>
        script.workers.some((known) => known.name === name)
          ? Effect.succeed({ exit: undefined, droppedDeliveries: 0 })
          : Effect.fail(new UnknownWorker({ agent: name })),
      send: () => Effect.succeed({ _tag: "Local", messageId: MessageId.make("http_1"), targets: ["w1"], workspace }),
      subscribe: ({ channels, name }) =>
        script.workers.some((known) => known.name === name)
          ? Effect.succeed({ channels, warnings: [] })
          : Effect.fail(new UnknownWorker({ agent: name })),
      conversations: Effect.succeed([]),
      conversationMessages: new Map(),
      workers: [worker],
      starting: [],
      alerts: [],
      pastAlerts: [],
      pending: [],
      held: [],
      deadLetters: [],
      traces: [],
      mailboxes: [],
      exited: [],
      counters: {},
      redeliver: (id) =>
        script.deadLetters.some(({ deliveryId }) => deliveryId === id)
          ? Effect.succeed(DeliveryId.make(`again_${id}`))
          : Effect.fail(new UnknownDeadLetter({ deliveryId: id })),
      renew: Effect.succeed(120),
      shutdown: () => Effect.void,
      drain: undefined,
      session: {
        state: { _tag: "Ready", sinceMillis: 1 },
        sinceMillis: 1,
        attempt: 0,
        rejections: 0,
        history: [{ from: "Registering", to: "Ready", event: "Registered", reason: null, atMillis: 1 }],
        lost: { link_lost: 1 },
        capabilities: [],
        nodeId: "node_1",
        nodeName: "host",
        sessions: 1,
        framesIn: { deliver: 3 },
        framesOut: {},
        malformedFrames: 0
      }
    }
    const fakes: Layer.Layer<Exclude<ApiServices, SidecarHub>> = Layer.mergeAll(
      Layer.succeed(Broker, {
        info: infoOf(options.info),
        renewLease: Effect.suspend(() => script.renew),
        requestShutdown: (reason) => script.shutdown(reason),
        requestDrain: (deadlineMillis) =>
          Effect.sync(() => {
            script.drain = { untilMillis: deadlineMillis, unfinished: ["w1"] }
            return script.drain
          }),
        drain: Effect.sync(() => script.drain)
      }),
      Layer.mock(Actions, {
        spawn: (request) => {
          seen.spawned.push(request)
          return script.spawn(request)
        },
        release: (request) => {
          seen.released.push(request)
          return script.release(request)
        }
      }),
      Layer.succeed(AgentWatch, { exited: Effect.sync(() => script.exited) }),
      Layer.mock(Outbox, {
        send: (request) => {
          seen.sent.push(request)
          return script.send(request)
        }
      }),
      Layer.mock(Deliveries, {
        pending: Effect.sync(() => script.pending),
        mailboxes: Effect.sync(() => script.mailboxes),
        counters: Effect.sync(() => script.counters),
        trace: (id) =>
          Effect.sync(() => script.traces.filter(({ record }) => record.deliveryId === id || record.messageId === id)),
        recent: ({ agent, limit }) =>
          Effect.sync(() =>
            script.traces.filter(({ record }) => agent === undefined || record.agent === agent).slice(0, limit)
          ),
        setMode: (worker, mode) => worker.setMode(mode),
        held: () => Effect.sync(() => script.held),
        flush: (worker) => worker.flush(),
        deadLetters: Effect.sync(() => script.deadLetters),
        redeliver: (id) => {
          seen.redelivered.push(id)
          return script.redeliver(id)
        },
        purgeDeadLetters: (id) =>
          Effect.sync(() => {
            seen.purged.push(id)
            const kept = script.deadLetters.filter(({ deliveryId }) => id !== undefined && deliveryId !== id)
            const purged = script.deadLetters.length - kept.length
            script.deadLetters = kept
            return purged
          })
      }),
      Layer.mock(WorkerRegistry, {
        list: Effect.sync(() => script.workers),
        starting: Effect.sync(() => script.starting),
        find: (name) => Effect.sync(() => Option.fromNullable(script.workers.find((known) => known.name === name)))
      }),
      Layer.mock(Subscriptions, {
        subscribe: (request) => {
          seen.subscribed.push(request)
          return script.subscribe(request)
        },
        unsubscribe: (request) => {
          seen.subscribed.push(request)
          return script.subscribe(request)
        }
      }),
      Layer.mock(EngineApi, {
        baseUrl: "http://engine.test",
        directConversations: () => Effect.suspend(() => script.conversations),
        directMessages: ({ conversationId }) => Effect.sync(() => script.conversationMessages.get(conversationId) ?? [])
      }),
      Layer.mock(Preflight, {
        register: (agents) =>
          Effect.sync(() => {
            seen.preflighted.push(agents)
            return agents.length
          })
      }),
      (options.store ?? MemoryStore.make()).layer,
      Layer.mock(NodeControl, {
        view: Effect.sync(() => script.session),
        reconnect: (why) => Effect.sync(() => void seen.reconnects.push(why))
      }),
      ResultTokens.layer,
      Hooks.layer("http://broker.test"),
      Layer.mock(Alerts, {
        list: Effect.sync(() => script.alerts),
        history: Effect.sync(() => script.pastAlerts),
        raise: (error, subject) => Effect.sync(() => void seen.alerts.push(`${error._tag} ${subject}`)),
        resolve: () => Effect.void
      }),
      Events.layer
    )
    const services = yield* Layer.build(Layer.merge(fakes, sidecars))
    const listener = yield* bind({ host: "127.0.0.1", port: 0, startingHealth, timeouts: options.timeouts ?? {} })
    yield* attach(listener, { apiKey: Redacted.make(apiKey), ...options }).pipe(Effect.provide(services))
    return {
      url: listener.url,
      seen,
      script,
      events: Context.get(services, Events),
      resultTokens: Context.get(services, ResultTokens),
      hooks: Context.get(services, Hooks),
      hub: Context.get(services, SidecarHub),
      ask: ask(listener.url),
      /** An open client of a WebSocket route. */
      socket: (path: string, headers: Record<string, string> = { "x-api-key": apiKey }) =>
        connect(listener.url, path, headers)
    } as const
  })

export type Rig = Effect.Effect.Success<ReturnType<typeof makeRig>>
