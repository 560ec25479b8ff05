/**
 * The world of one run: an engine, one broker life after the other, an operator who starts, stops and looks after agents,
 * and senders. Performs the steps of a plan; knows when everything has come to rest.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import { Actions } from "../../src/agents/Actions.ts"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { Deliveries } from "../../src/delivery/Deliveries.ts"
import { Outbox } from "../../src/delivery/Outbox.ts"
import { AgentId, AgentName, WorkspaceId } from "../../src/domain/Ids.ts"
import type { BrokerEvent } from "../../src/events/Event.ts"
import type { Identity } from "../../src/identity/BrokerIdentity.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { FakeEngine, type FakeEngineService } from "../../src/testing/FakeEngine.ts"
import type { FakeProcess } from "../../src/testing/FakePty.ts"
import type { EngineEvent, ValidateFrame } from "../../src/testing/index.ts"
import type { SimScheduler } from "../../src/testing/Simulation.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { applyFault, makeFrameFates } from "./applyFault.ts"
import { type BrokerLife, type Disk, nodeName, startLife } from "./BrokerLife.ts"
import { makeDice } from "./Dice.ts"
import type { History } from "./History.ts"
import { type Judge, makeJudge, type SentKind } from "./Judge.ts"
import type { Action, Fault, Mode, Plan, ProgramKind } from "./Plan.ts"
import { pass } from "./pass.ts"
import { makeSimStore } from "./SimStore.ts"
import { makeTerminal, type Terminal } from "./Terminal.ts"

export interface WorldOptions {
  readonly plan: Plan
  readonly history: History
  readonly scheduler: SimScheduler
  readonly now: () => number
  readonly validateFrame: ValidateFrame | undefined
}

export interface World {
  readonly judge: Judge
  readonly engine: FakeEngineService
  readonly start: Effect.Effect<void>
  readonly perform: (action: Action, index: number) => Effect.Effect<void>
  /** The operator looks whether every agent that should live lives, and starts it again if not. */
  readonly lookAfter: (care: number) => Effect.Effect<void>
  /** Ends every fault, and starts the broker if it is down. */
  readonly heal: Effect.Effect<void>
  /** What is not as it should be in the end; empty: converged. */
  readonly unrest: Effect.Effect<ReadonlyArray<string>>
  /** Ids of the messages that the broker keeps: waiting, or put aside on its disk by a life that could not say so any more. */
  readonly kept: Effect.Effect<ReadonlySet<string>>
}

export const makeWorld = (o: WorldOptions) =>
  Effect.gen(function* () {
    const { history, plan } = o
    const { note } = history
    const engine = yield* FakeEngine.make({
      predictable: true,
      depth: plan.depth,
      later: { tellCursors: plan.tellCursors },
      onEvent: (event) => onEngine(event),
      ...(o.validateFrame === undefined ? {} : { validateFrame: o.validateFrame })
    })
    const judge = makeJudge({ engine: () => engine, history, now: o.now, life: () => lives })
    const fates = makeFrameFates(makeDice(plan.seed, "frames"), (agent) => engine.cursor(agent))
    const operatorDice = makeDice(plan.seed, "operator")
    const disk: Disk = { nodeToken: undefined, store: makeSimStore(makeDice(plan.seed, "disk")) }
    const wanted = new Map<string, ProgramKind>()
    const busy = new Set<string>()
    /** Names that an invocation may bring to life without the operator's doing. */
    const invoked = new Set<string>()
    const terminals: Array<Terminal> = []
    let lives = 0
    let current: BrokerLife | undefined
    let texts = 0
    let silences = 0
    let stopping = false

    const onEngine = (event: EngineEvent) => {
      const line = describeEvent(event)
      if (line !== undefined) note(line)
      fates.onEngine(event)
      judge.onEngine(event)
    }
    const onBroker = (life: number) => (event: BrokerEvent) => {
      if (lives !== life) return
      if (event.kind !== "worker_stream" && event.kind !== "relay_inbound") note(`broker: ${describeBroker(event)}`)
      judge.onBroker(event, life)
    }

    const self = yield* Effect.orDie(engine.registerAgent("broker"))
    for (const sender of plan.senders) yield* Effect.orDie(engine.registerAgent(sender))
    const identity: Omit<Identity, "attached" | "leftOut"> = {
      workspaceId: WorkspaceId.make(engine.id),
      workspaceKey: Redacted.make(engine.key()),
      createdWorkspace: false,
      agent: { id: AgentId.make(self.id), name: AgentName.make(self.name), token: Redacted.make(self.token) },
      requestedName: "broker"
    }

    const openTerminal = (life: number, process: FakeProcess) => {
      const agent = process.options.env["RELAY_AGENT_NAME"] ?? "?"
      const terminal = makeTerminal({
        ...{ agent, life, process, number: terminals.length + 1, onSubmit: judge.submitted },
        resumed: process.options.env["SIM_RESUMED"] === "1"
      })
      terminals.push(terminal)
      judge.started(terminal)
      note(
        `terminal ${terminal.number} of ${agent} starts ${process.options.command}${terminal.resumed ? ", resumed" : ""}`
      )
      return { terminal, dice: makeDice(plan.seed, `terminal ${terminal.number}`) }
    }

    const start = Effect.gen(function* () {
      if (current !== undefined) return
      lives += 1
      disk.store.mend()
      judge.putAside(disk.store.deadLetters(), lives)
      note(`== broker life ${lives} begins`)
      current = yield* startLife({
        number: lives,
        engine,
        identity,
        disk,
        scheduler: o.scheduler,
        openTerminal,
        onEvent: onBroker(lives)
      })
    })

    const endTerminals = () => {
      for (const terminal of terminals) {
        if (terminal.life !== lives) continue
        terminal.look()
        terminal.end("unseen")
      }
    }

    const crash = (machine: boolean) =>
      Effect.gen(function* () {
        const life = current
        if (life === undefined) return
        current = undefined
        yield* life.kill
        endTerminals()
        disk.store.crash(machine)
        if (machine) judge.powerCut(life.number)
        note(`== broker life ${life.number} is killed${machine ? ", its machine is gone" : ""}`)
        // A dead process is closed by its kernel; of a dead machine nobody hears.
        if (!machine) engine.faults.dropSockets({ node: nodeName })
      })

    /** Goes on when nobody waits for it any more. */
    const stop = Effect.gen(function* () {
      const life = current
      if (life === undefined || stopping) return
      stopping = true
      note(`== broker life ${life.number} is told to stop`)
      yield* life.stop
      stopping = false
      if (current !== life) return
      current = undefined
      endTerminals()
      note(`== broker life ${life.number} has stopped`)
    }).pipe(Effect.forkDaemon, Effect.flatMap(Fiber.join))

    /** Asks the broker for something, and notes how it went. */
    const ask: BrokerLife["call"] = (effect) =>
      Effect.suspend(() => (current === undefined ? Effect.succeed(undefined) : current.call(effect)))
    const outcome = (exit: Exit.Exit<unknown, { readonly message: string } | never> | undefined): string =>
      exit === undefined
        ? "the broker is not there"
        : Exit.isSuccess(exit)
          ? "done"
          : exit.cause._tag === "Fail"
            ? exit.cause.error.message
            : `died: ${String(exit.cause)}`

    const nextText = (kind: SentKind, from: string, mode: Mode, text: (n: number) => string) => {
      texts += 1
      const made = text(texts)
      judge.sent(made, { kind, from, mode })
      return made
    }

    const spawnOnce = (agent: string, program: ProgramKind, task: boolean) =>
      Effect.gen(function* () {
        note(`operator: spawn ${agent} (${program})`)
        const resumed = plan.resumes && terminals.some((one) => one.agent === agent && one.life < lives)
        const spec = {
          ...{ name: AgentName.make(agent), cli: program, args: [], channels: ["general"], cwd: "/" },
          ...(resumed ? { env: { SIM_RESUMED: "1" } } : {})
        }
        const exit = yield* ask(
          Effect.flatMap(Actions, (actions) =>
            actions.spawn({
              source: "http_api",
              resumed,
              spec: task ? { ...spec, task: nextText("task", "broker", "wait", (n) => `task ${n}`) } : spec
            })
          )
        )
        note(`operator: spawn ${agent}: ${outcome(exit)}`)
      })
    /** One at a time; the operator has patience, and asks again later. */
    const spawn = (agent: string, program: ProgramKind, task: boolean) =>
      Effect.suspend(() => {
        wanted.set(agent, program)
        if (busy.has(agent)) return Effect.void
        busy.add(agent)
        return Effect.ensuring(
          spawnOnce(agent, program, task),
          Effect.sync(() => busy.delete(agent))
        )
      })

    const release = (agent: string) =>
      Effect.gen(function* () {
        note(`operator: release ${agent}`)
        judge.releaseAsked(agent)
        const exit = yield* ask(
          Effect.flatMap(Actions, (actions) => actions.release({ name: agent, reason: undefined }))
        )
        note(`operator: release ${agent}: ${outcome(exit)}`)
      })

    const atEngine = (what: string, command: Effect.Effect<unknown, { readonly message: string }>) =>
      Effect.match(command, {
        onFailure: (error) => note(`${what}: ${error.message}`),
        onSuccess: () => note(what)
      })

    const endSilence = () => {
      engine.faults.dropSockets({ node: nodeName })
      engine.faults.unsilence()
    }

    const performFault = (fault: Fault) => {
      if (fault.kind === "broken disk") judge.diskBroke(lives)
      if (fault.kind === "silence") silences += 1
      return applyFault({ fault, engine, fates, store: disk.store, now: o.now, endSilence, note })
    }

    const lastMessageId = () => {
      const rows = plan.agents.flatMap((agent) => engine.mailbox(agent))
      return rows.length === 0 ? undefined : rows.reduce((a, b) => (BigInt(a.msgId) > BigInt(b.msgId) ? a : b)).msgId
    }

    const perform = (action: Action, index: number): Effect.Effect<void> => {
      switch (action.do) {
        case "spawn":
          return spawn(action.agent, action.program, action.task)
        case "release":
          wanted.delete(action.agent)
          return release(action.agent)
        case "exit": {
          const terminal = terminals.findLast((one) => one.agent === action.agent && one.life === lives)
          if (terminal === undefined || terminal.isOver()) return Effect.void
          note(`terminal ${terminal.number} of ${action.agent} exits with ${action.code}`)
          terminal.end()
          return terminal.process.exit({ exitCode: action.code })
        }
        case "invoke spawn":
          invoked.add(action.agent)
          return atEngine(
            `${action.from} invokes spawn of ${action.agent} (${action.program})`,
            engine.spawn({
              from: action.from,
              name: action.agent,
              cli: action.program,
              target: nodeName,
              task: nextText("task", "broker", "wait", (n) => `task ${n}`)
            })
          )
        case "invoke release":
          judge.releaseAsked(action.agent)
          return atEngine(
            `${action.from} invokes release of ${action.agent}${action.delete ? " and deletes it" : ""}`,
            engine.release({ from: action.from, name: action.agent, deleteAgent: action.delete })
          )
        case "direct": {
          const { from, mode, to } = action
          const text = nextText("message", from, mode, (n) => `direct ${n}`)
          return atEngine(`${from} to ${to} (${mode}): ${text}`, engine.send({ from, to, mode, text }))
        }
        case "post": {
          const { from, mode } = action
          const text = nextText("message", from, mode, (n) => `post ${n}`)
          return atEngine(
            `${from} in #general (${mode}): ${text}`,
            engine.post({ from, channel: "general", mode, text })
          )
        }
        case "reply": {
          const messageId = lastMessageId()
          if (messageId === undefined) return Effect.void
          const text = nextText("message", action.from, "wait", (n) => `reply ${n}`)
          return atEngine(`${action.from} replies: ${text}`, engine.reply({ from: action.from, messageId, text }))
        }
        case "react":
        case "read": {
          const messageId = lastMessageId()
          if (messageId === undefined) return Effect.void
          const { from } = action
          return atEngine(
            `${from} ${action.do}s to a message`,
            action.do === "react"
              ? engine.react({ from, messageId, emoji: `e${index}` })
              : engine.read({ from, messageId })
          )
        }
        case "event": {
          const key = `probe${index}`
          const text = nextText("event", "relaycast", "wait", (n) => `probe completed: event ${n}`)
          const output = text.slice(text.indexOf(": ") + 2)
          return atEngine(
            `event for ${action.agent}: ${output}`,
            engine.event({
              agent: action.agent,
              type: "action.completed",
              key,
              msgId: key,
              data: { invocation_id: key, action_name: "probe", status: "completed", output, error: null }
            })
          )
        }
        case "local": {
          const { from, mode, to } = action
          const text = nextText("local", from, mode, (n) => `local ${n}`)
          return Effect.gen(function* () {
            const exit = yield* ask(
              Effect.flatMap(Outbox, (outbox) =>
                outbox.send({
                  to,
                  text,
                  from,
                  mode,
                  threadId: undefined,
                  priority: undefined,
                  workspaceId: undefined,
                  workspaceAlias: undefined
                })
              )
            )
            note(`operator: send "${text}" from ${from} to ${to}: ${outcome(exit)}`)
            if (exit !== undefined && Exit.isSuccess(exit) && exit.value._tag === "Local")
              judge.accepted(text, to, exit.value.messageId)
          })
        }
        case "keys":
          return Effect.gen(function* () {
            const exit = yield* ask(
              Effect.gen(function* () {
                const worker = yield* (yield* WorkerRegistry).find(action.agent)
                if (worker._tag === "Some") yield* worker.value.write("x\r")
              })
            )
            note(`operator: types to ${action.agent}: ${outcome(exit)}`)
          })
        case "expire": {
          const open = judge.open(action.agent)
          const row = open[index % Math.max(1, open.length)]
          return row === undefined
            ? Effect.void
            : atEngine(`seq ${row.seq} of ${action.agent} expires`, engine.expireRow(action.agent, row.seq))
        }
        case "skip numbers": {
          const rows = engine.mailbox(action.agent)
          const next = rows.reduce((most, row) => Math.max(most, row.seq), 0) + 1 + action.by
          return atEngine(`numbers of ${action.agent} go on at ${next}`, engine.restartCount(action.agent, next))
        }
        case "crash":
          return Effect.zipRight(crash(action.machine), Effect.delay(start, action.downMillis))
        case "stop":
          return Effect.zipRight(stop, Effect.delay(start, action.downMillis))
        case "fault":
          note(`fault: ${JSON.stringify(action.fault)}`)
          return performFault(action.fault)
      }
    }

    const lookAfter = (care: number) =>
      Effect.gen(function* () {
        const exit = yield* ask(
          Effect.gen(function* () {
            const workers = yield* (yield* WorkerRegistry).list
            const alerts = yield* (yield* Alerts).list
            return { live: workers.map((worker) => String(worker.name)), alerts }
          })
        )
        if (exit === undefined || Exit.isFailure(exit)) return
        const { alerts, live } = exit.value
        for (const agent of live) {
          if (!wanted.has(agent) && engine.agent(agent) === undefined && operatorDice.chance(care))
            yield* release(agent)
        }
        for (const [agent, program] of wanted) {
          if (!operatorDice.chance(care)) continue
          // Started anew: what the engine says lives elsewhere, as the alert's remedy says, and what somebody deleted at
          // the engine, of which 5.x tells the node nothing.
          const elsewhere = alerts.some((alert) => alert.code === "AgentLocationConflict" && alert.subject === agent)
          if (live.includes(agent) && (elsewhere || engine.agent(agent) === undefined)) yield* release(agent)
          else if (live.includes(agent)) continue
          yield* Effect.fork(spawn(agent, program, false))
        }
      })

    const heal = Effect.gen(function* () {
      if (silences > 0) endSilence()
      engine.faults.heal()
      fates.set(undefined)
      disk.store.slow(0)
      // Programs that end by themselves are not the broker's to keep alive: from now on they are solid ones.
      for (const [agent, program] of wanted) {
        if (program === "dying" || program === "fragile") wanted.set(agent, "echo")
      }
      note("== healed")
      while (stopping) yield* pass(100)
      yield* start
    })

    const unrest = Effect.gen(function* () {
      const exit = yield* ask(
        Effect.gen(function* () {
          const { state } = yield* (yield* NodeControl).view
          const workers = yield* (yield* WorkerRegistry).list
          const alerts = yield* (yield* Alerts).list
          const pending = yield* (yield* Deliveries).pending
          const live = workers.map((worker) => String(worker.name)).sort()
          const hosted = new Set(workers.map((worker) => String(worker.agentId)))
          // What waits for a former identity of a name is not the present one's.
          return { state, live, alerts, pending: pending.filter(({ agentId }) => hosted.has(agentId)) }
        })
      )
      if (exit === undefined || Exit.isFailure(exit)) return [`the broker does not answer: ${outcome(exit)}`]
      const { alerts, live, pending, state } = exit.value
      const found: Array<string> = []
      if (state._tag !== "Ready") found.push(`the session is ${state._tag}`)
      for (const name of wanted.keys()) if (!live.includes(name)) found.push(`${name} does not live`)
      for (const name of live)
        if (!wanted.has(name) && !invoked.has(name)) found.push(`${name} lives although it was released`)
      const frames = engine.observations.frames
      const bound = engine
        .agents()
        .filter((agent) => agent.bound && agent.node === nodeName && agent.status === "active")
        .map((agent) => agent.name)
        .sort()
      const inventory = frames.findLast(({ frame, ignored }) => !ignored && frame?.type === "inventory.sync")?.frame
      const listed = inventory?.type === "inventory.sync" ? inventory.agents.map((agent) => agent.name).sort() : []
      const beat = frames.findLast(({ frame, ignored }) => !ignored && frame?.type === "node.heartbeat")?.frame
      const beating = beat?.type === "node.heartbeat" ? beat.active_agents : -1
      if (bound.join() !== live.join())
        found.push(`the engine has ${bound.join() || "nobody"} here, alive are ${live.join()}`)
      if (listed.join() !== live.join()) found.push(`the inventory says ${listed.join()}, alive are ${live.join()}`)
      if (beating !== live.length) found.push(`the heartbeat says ${beating} agents, alive are ${live.length}`)
      for (const name of live) {
        for (const row of judge.open(name)) found.push(`seq ${row.seq} ("${row.text}") of ${name} is open`)
      }
      for (const delivery of pending) {
        found.push(
          `${delivery.messageId} for ${delivery.agent} is ${delivery.state} (${delivery.waiting ?? "no reason"})`
        )
      }
      for (const { code, subject } of alerts)
        if (healing.has(code) || (healingWithAgent.has(code) && live.includes(subject)))
          found.push(`alert ${code} of ${subject}`)
      for (const one of engine.invocations())
        if (one.status === "dispatched" && one.node === nodeName)
          found.push(`invocation ${one.id} (${one.action}) is open`)
      return found
    })

    const kept = Effect.map(
      ask(Effect.flatMap(Deliveries, (deliveries) => deliveries.pending)),
      (exit): ReadonlySet<string> => {
        const waiting = exit !== undefined && Exit.isSuccess(exit) ? exit.value : []
        return new Set([...waiting, ...disk.store.deadLetters()].flatMap(({ messageId }) => messageId ?? []))
      }
    )

    const world: World = { judge, engine, start, perform, lookAfter, heal, unrest, kept }
    return world
  })

/** Alerts that an accepted session or bind disproves. */
const healing = new Set([
  "Unauthorized",
  "NodeTokenMissing",
  "NodeTokenRejected",
  "NodeSuperseded",
  "NodeIdMismatch",
  "EngineUnavailable",
  "LinkLost",
  "RateLimited",
  "EngineRejected",
  "AgentLocationConflict"
])

/** Alerts that are disproved by an agent that lives and has got everything. */
const healingWithAgent = new Set(["BindFailed", "DeliveryStuck", "SpawnFailed", "UnknownWorker"])

const describeEvent = (event: EngineEvent): string | undefined => {
  switch (event._tag) {
    case "FrameIn": {
      const { frame, ignored } = event
      const lost = ignored ? " (not handled)" : ""
      if (frame === undefined) return `node → an invalid frame${lost}`
      switch (frame.type) {
        case "delivery.ack":
          return `node → ack ${frame.agent} ${frame.up_to_seq}${lost}`
        case "agent.register":
          return `node → agent.register ${frame.name} ${frame.id ?? ""}${lost}`
        case "agent.deregister":
          return `node → agent.deregister ${frame.name ?? frame.agent_id}${lost}`
        case "inventory.sync":
          return `node → inventory.sync ${frame.agents.map((agent) => agent.name).join()} ${frame.id ?? ""}${lost}`
        case "node.heartbeat":
          return `node → heartbeat ${frame.active_agents}${lost}`
        case "action.result":
          return `node → result of ${frame.invocation_id}: ${"error" in frame ? frame.error : "done"}${lost}`
        default:
          return `node → ${frame.type} ${frame.id ?? ""}${lost}`
      }
    }
    case "FrameOut": {
      const { frame, lost } = event
      const what = [frame.type, frame["agent"], frame["seq"], frame["id"], frame["code"], frame["action"]]
      return `engine → ${what.filter((part) => part !== undefined).join(" ")}${lost ? " (lost)" : ""}`
    }
    case "Http":
      return `http ${event.method} ${event.path} ${event.status}`
    case "Ack":
      return event.applied ? `engine: cursor of ${event.agent} is ${event.upToSeq}` : undefined
    case "SocketOpened":
      return "socket opens"
    case "SocketClosed":
      return `socket closes: ${event.code} ${event.reason}`
    case "UpgradeRefused":
      return `upgrade refused: ${event.status}`
    case "Row":
      return `engine: seq ${event.seq} of ${event.agent} is ${event.state}`
    case "Invocation":
      return `engine: invocation ${event.id} (${event.action}) is ${event.status}`
  }
}

const describeBroker = (event: BrokerEvent): string => {
  const { kind, ...fields } = event
  const shown = Object.entries(fields).filter(
    ([name, value]) => value !== null && !["timestamp", "runtime", "pid", "since"].includes(name)
  )
  return `${kind} ${shown.map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : String(value)}`).join(" ")}`
}
