/** Rounds of trouble, each followed by a quiet in which everything must be as it should. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { type BrokerProcess, startBroker } from "../../src/testing/BrokerProcess.ts"
import type { EngineEvent } from "../../src/testing/engine/Observations.ts"
import { FakeEngine, type FakeEngineService } from "../../src/testing/FakeEngine.ts"
import type { Alerts, Health, History } from "./answers.ts"
import { dice, shuffled } from "./dice.ts"
import { garbage, type Trouble, troubles } from "./faults.ts"
import { lateRise } from "./growth.ts"
import { makeLedger } from "./Ledger.ts"
import { connectInspector, type Memory } from "./Memory.ts"
import { judgeMetrics, metricsOf } from "./metrics.ts"
import { disagreements, type Size, sizeOf } from "./views.ts"

export interface SoakOptions {
  readonly root: string
  readonly place: string
  readonly minutes: number
  readonly seed: number
  readonly agents: number
  readonly print: (line: string) => void
}

const troublesPerRound = 5
const sendEveryMillis = 300
const churnEveryMillis = 6_000
const settleWithin = "150 seconds"
/** An inventory comes every 60 s, a heartbeat every 12 s: views that disagree for longer disagree. */
const agreeWithin = "100 seconds"
const roomDescriptors = 6
/** How much may be added over the later half of the quiets, each measured after a full collection (`growth.ts`). */
const roomDataMebibytes = 1
const roomResidentMebibytes = 8

/**
 * glibc keeps freed memory for itself, and more of it once a large block was freed: after a frame of 10 MiB up to 20 MiB,
 * which comes and goes. Told to give back what is free, so that what stays resident is what is held.
 */
const giveBack = { MALLOC_MMAP_THRESHOLD_: "131072", MALLOC_TRIM_THRESHOLD_: "131072", MALLOC_ARENA_MAX: "2" }

const within = <A, E, R>(limit: `${number} seconds`, check: Effect.Effect<A, E, R>) =>
  Effect.retry(check, Schedule.spaced("500 millis").pipe(Schedule.upTo(limit)))

export const runRounds = (o: SoakOptions) =>
  Effect.gen(function* () {
    const random = dice(o.seed)
    const one = <A>(list: ReadonlyArray<A>): A => list[Math.floor(random() * list.length)]!
    const home = join(o.place, "home")
    const records = join(o.place, "records")
    mkdirSync(records, { recursive: true })
    const fileOf = (agent: string) => join(records, `${agent}.jsonl`)
    const ledger = makeLedger(fileOf)
    const seen = { mints: 0, registers: 0, acks: 0, garbage: 0 }
    /** The engine has just made a row: the next `deliver` frame is its live one. Not the first ever of an agent, as in the simulation. */
    let live = false
    const onEvent = (event: EngineEvent): void => {
      ledger.onEvent(event)
      if (event._tag === "Row" && event.state === "queued") live = engine.cursor(event.agent) > 0
      else if (event._tag === "FrameOut") live = false
      if (event._tag === "Http") {
        if (event.method === "POST" && event.path === "/v1/nodes" && event.status < 300 && event.status > 0)
          seen.mints += 1
      } else if (event._tag === "FrameIn") {
        if (event.frame?.type === "node.register") seen.registers += 1
        else if (event.frame?.type === "delivery.ack") seen.acks += 1
      }
    }
    const engine: FakeEngineService = yield* FakeEngine.make({
      workspace: "soak",
      keep: 2_000,
      onEvent
    })
    const { baseUrl } = yield* engine.listen()
    // Options of Node's own command line: in NODE_OPTIONS the agents would inherit them.
    const program = join(o.place, "broker")
    const script = join(o.root, "dist", "relay-broker.js")
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' --inspect=127.0.0.1:0 '${script}' "$@"\n`)
    chmodSync(program, 0o700)
    const broker: BrokerProcess = yield* startBroker({
      program,
      home,
      engineUrl: baseUrl,
      workspaceKey: engine.key(),
      args: ["--persist", "--instance-name", "soak", "--capability", "spawn:cat"],
      env: giveBack
    })
    const inspector = yield* connectInspector(/ws:\/\/127\.0\.0\.1:\S+/.exec(broker.stderr())?.[0] ?? "")
    const node = (yield* engine.awaitNode()).name
    yield* engine.registerAgent("alice")
    const names = Array.from({ length: o.agents }, (_, i) => `agent-${i}`)
    const findings: Array<string> = []
    const counts = { sent: 0, refused: 0, spawns: 0, spawnsFailed: 0, releases: 0, invocations: 0, slowestMillis: 0 }
    const count = (what: keyof typeof counts) =>
      Effect.sync(() => {
        counts[what] += 1
      })
    const startedAt = yield* Clock.currentTimeMillis
    const say = (line: string) =>
      Effect.map(Clock.currentTimeMillis, (now) =>
        o.print(`[${String(Math.round((now - startedAt) / 1_000)).padStart(5)} s] ${line}`)
      )

    const listed = Effect.map(broker.expect("GET", "/api/spawned"), (body) =>
      (body as { agents: ReadonlyArray<{ name: string }> }).agents.map(({ name }) => name)
    )
    const recorder = join(o.root, "fixtures", "programs", "recorder.mjs")
    const spawn = (name: string) =>
      broker
        .expect("POST", "/api/spawn", {
          name,
          cli: process.execPath,
          args: [recorder, fileOf(name), "--prompt", "--echo"],
          channels: ["general"]
        })
        .pipe(
          Effect.tap(() => count("spawns")),
          Effect.tapError(() => count("spawnsFailed"))
        )
    const release = (name: string) =>
      broker.expect("DELETE", `/api/spawned/${name}`).pipe(Effect.tap(() => count("releases")))

    let running = true
    const paused = <E>(everyMillis: number, act: Effect.Effect<unknown, E>) =>
      Effect.suspend(() => (running ? act : Effect.void)).pipe(
        // What fails in the middle of trouble is judged in the quiet.
        Effect.ignore,
        Effect.zipRight(Effect.sleep(everyMillis)),
        Effect.forever
      )

    const send = Effect.gen(function* () {
      counts.sent += 1
      const marker = `[end ${counts.sent}]`
      const agent = one(names)
      const { messageId } = yield* engine.send({
        from: "alice",
        to: agent,
        text: `have a look at this, please ${marker}`
      })
      ledger.sent({ messageId, marker, agent })
    }).pipe(Effect.tapError(() => count("refused")))

    const churn = Effect.suspend(() => {
      const name = one(names)
      return release(name).pipe(Effect.zipRight(Effect.sleep("1 second")), Effect.zipRight(spawn(name)))
    })

    const invoke = Effect.gen(function* () {
      counts.invocations += 1
      const name = `invoked-${counts.invocations}`
      const id = yield* engine.spawn({ name, cli: "cat", target: node })
      yield* engine.awaitInvocation(id).pipe(Effect.timeoutOption("40 seconds"))
      yield* engine.release({ name })
    })

    const watchApi = Effect.gen(function* () {
      const before = yield* Clock.currentTimeMillis
      yield* broker.expect("GET", "/health")
      counts.slowestMillis = Math.max(counts.slowestMillis, (yield* Clock.currentTimeMillis) - before)
    })

    const ready = Effect.flatMap(broker.expect("GET", "/health"), (body) => {
      const { nodeSession } = body as Health
      return nodeSession === "ready" ? Effect.void : Effect.fail(new Error(`node session is ${nodeSession}`))
    })

    const endure = (trouble: Trouble) =>
      Effect.gen(function* () {
        trouble.begin(engine, node, () => {
          const was = live
          live = false
          return was
        })
        yield* Effect.sleep(trouble.lasts)
        engine.faults.heal()
        const healed = yield* Clock.currentTimeMillis
        const back = yield* Effect.either(
          Effect.retry(ready, Schedule.spaced("200 millis").pipe(Schedule.upTo(trouble.readyWithin)))
        )
        const took = (yield* Clock.currentTimeMillis) - healed
        if (back._tag === "Left")
          findings.push(`${trouble.name}: not ready ${took} ms after the end: ${back.left.message}`)
        yield* say(`${trouble.name.padEnd(40)} ready ${(took / 1_000).toFixed(1)} s after its end`)
      })

    const throwGarbage = Effect.forEach(garbage, (frame) => engine.sendRaw(node, frame), { discard: true }).pipe(
      Effect.ignore
    )

    const letters = new Set<string>()
    const collectLetters = Effect.map(broker.expect("GET", "/api/dead-letters"), (body) => {
      const found = (body as { readonly dead_letters: ReadonlyArray<{ readonly event_id: string | null }> })
        .dead_letters
      for (const { event_id } of found) if (event_id !== null) letters.add(event_id)
    })

    let first: Size | undefined
    const sizes: Array<Size> = []
    const memories: Array<Memory> = []

    const quiet = Effect.gen(function* () {
      running = false
      engine.faults.heal()
      yield* Effect.sleep("2 seconds")
      yield* within("60 seconds", ready)
      for (const name of (yield* listed).filter((each) => !names.includes(each))) yield* Effect.ignore(release(name))
      for (const name of names) {
        // The churn may be in the middle of a spawn of it.
        const there = Effect.flatMap(listed, (all) => (all.includes(name) ? Effect.void : Effect.asVoid(spawn(name))))
        yield* within("60 seconds", there)
      }
      const settled = Effect.suspend(() => {
        const { open } = ledger.judge(letters)
        return open.length === 0
          ? Effect.void
          : Effect.fail(new Error(`${open.length} open: ${open.slice(0, 3).join("; ")}`))
      })
      const open = yield* Effect.either(within(settleWithin, settled))
      if (open._tag === "Left") findings.push(`not settled: ${open.left.message}`)
      yield* collectLetters
      const verdict = ledger.judge(letters)
      findings.push(...verdict.lost.slice(0, 5), ...verdict.twice.slice(0, 5))
      const agreed = yield* Effect.either(
        within(
          agreeWithin,
          Effect.flatMap(disagreements(broker, engine), (found) =>
            found.length === 0 ? Effect.void : Effect.fail(new Error(found.join("; ")))
          )
        )
      )
      if (agreed._tag === "Left") findings.push(`views disagree: ${agreed.left.message}`)
      const alerts = ((yield* broker.expect("GET", "/api/alerts")) as Alerts).alerts
      for (const { code, message, subject } of alerts) {
        if (code !== "UnknownFrame" && code !== "SpawnFailed")
          findings.push(`alert at quiet: ${code} ${subject}: ${message}`)
      }
      const memory = yield* inspector.measure
      memories.push(memory)
      const size = sizeOf(broker.pid)
      sizes.push(size)
      first ??= size
      if (size.descriptors > first.descriptors + roomDescriptors) {
        findings.push(`descriptors: ${first.descriptors} at the first quiet, ${size.descriptors} now`)
      }
      yield* say(
        `QUIET  ${verdict.sent} sent, ${verdict.typed} typed, ${verdict.buried} put aside, ${verdict.lost.length} lost, ${verdict.twice.length} twice; ` +
          `views ${agreed._tag === "Right" ? "agree" : "DISAGREE"}; ${size.descriptors} descriptors, ${size.rssMegabytes} MB (objects ${memory.data}, code ${memory.code}); ${findings.length} findings`
      )
      running = true
    })

    yield* Effect.forEach(names, (name) => spawn(name), { discard: true, concurrency: 4 })
    yield* Effect.forkScoped(paused(sendEveryMillis, send))
    yield* Effect.forkScoped(paused(churnEveryMillis, churn))
    yield* Effect.forkScoped(paused(15_000, invoke))
    yield* Effect.forkScoped(paused(1_000, watchApi))
    yield* say(`${o.agents} agents, seed ${o.seed}, ${o.minutes} min, broker ${broker.pid}`)

    const until = startedAt + o.minutes * 60_000
    let left: Array<Trouble> = []
    do {
      yield* throwGarbage
      seen.garbage += 1
      for (let i = 0; i < troublesPerRound; i++) {
        if (left.length === 0) left = shuffled(troubles, random)
        yield* endure(left.pop()!)
        if ((yield* Clock.currentTimeMillis) > until) break
      }
      yield* quiet
    } while ((yield* Clock.currentTimeMillis) < until && findings.length < 50)

    for (const [what, room] of [
      ["data", roomDataMebibytes],
      ["resident", roomResidentMebibytes]
    ] as const) {
      const series = memories.map((memory) => memory[what])
      const rise = lateRise(series)
      const text = `${what} memory ${series.join(", ")} MiB at the quiets; rise over the later half ${rise?.toFixed(2) ?? "unknown"}, allowed ${room}`
      yield* say(text)
      if (rise !== undefined && rise > room) findings.push(text)
    }
    const metrics = yield* metricsOf(broker)
    if (process.env["SOAK_METRICS"]) writeFileSync(process.env["SOAK_METRICS"], metrics)
    const { sent, typed } = ledger.judge(letters)
    const { invocations, spawns } = counts
    const known = { ...seen, sent, typed, spawns, invocations, live: names.length }
    const wrong = judgeMetrics(metrics, known)
    yield* say(`metrics: ${wrong.length === 0 ? "as the ledger has it" : wrong.join("; ")}`)
    findings.push(...wrong)
    const history = ((yield* broker.expect("GET", "/api/alerts/history")) as History).history
    const byCode = new Map<string, number>()
    for (const { code } of history) byCode.set(code, (byCode.get(code) ?? 0) + 1)
    yield* say(`alerts that came and went: ${[...byCode].map(([code, n]) => `${code} ${n}`).join(", ") || "none"}`)
    yield* say(
      `${counts.spawns} spawns (${counts.spawnsFailed} failed in trouble), ${counts.releases} releases, ${counts.invocations} invoked, ` +
        `${counts.refused} sends refused by the engine; slowest /health ${counts.slowestMillis} ms`
    )
    yield* say(`sizes at each quiet: ${sizes.map((size) => `${size.descriptors}/${size.rssMegabytes}MB`).join(" ")}`)
    const [rejected] = engine.observations.rejectedFrames
    if (rejected !== undefined)
      findings.push(`the engine refused ${rejected.text.slice(0, 200)}: ${rejected.rejection}`)
    return findings as ReadonlyArray<string>
  })
