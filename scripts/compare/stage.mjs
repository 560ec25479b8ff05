// What a scenario plays on: an engine of ours on a real socket that outlives its brokers, one home, one agent that records
// what it reads in a file that outlives it.
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { startBroker } from "../../dist/lib/testing/BrokerProcess.js"
import { FakeEngine } from "../../dist/lib/testing/FakeEngine.js"
import { descendantsOf, end, isAlive } from "./processes.mjs"

export const agent = "worker"
const sender = "sender"

const environmentOf = (home) => ({
  HOME: home,
  XDG_DATA_HOME: join(home, "data"),
  TMPDIR: home,
  DO_NOT_TRACK: "1",
  AGENT_RELAY_TELEMETRY_DISABLED: "1"
})

/** Everything that was typed; the end of a program is the end of a line, so that two halves never make a whole. */
const textOf = (file) =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line))
        .map(({ data, pid }) => (pid === undefined ? data : "\n"))
        .join("")
    : ""

export const openStage = ({ root, place, subject }) =>
  Effect.gen(function* () {
    const home = mkdtempSync(join(place, "home-"))
    const work = join(home, "work")
    mkdirSync(work)
    const file = join(home, "read.jsonl")
    const engine = yield* FakeEngine.make({ workspace: "compare", keep: 1_000 })
    const { baseUrl } = yield* engine.listen()
    yield* engine.registerAgent(sender, { type: "human" })

    const started = []
    yield* Effect.addFinalizer(() => Effect.sync(() => started.forEach(end)))
    const sent = []
    let running

    const spec = {
      name: agent,
      cli: process.execPath,
      args: [
        join(root, "fixtures", "programs", "recorder.mjs"),
        file,
        "--pid",
        "--paste",
        "--echo",
        "--banner",
        "--prompt"
      ],
      channels: ["general"]
    }

    const start = (o = {}) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const respawn = subject.respawns && o.first !== true
        const broker = yield* startBroker({
          program: subject.program,
          home: work,
          engineUrl: baseUrl,
          workspaceKey: engine.key(),
          args: ["--persist", "--instance-name", "compare", "--channels", "general", "--api-port", "0"].concat(
            respawn ? ["--respawn"] : []
          ),
          env: environmentOf(home)
        }).pipe(Effect.provideService(Scope.Scope, scope))
        yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
        running = { broker, scope }
        yield* engine.awaitNode()
        if (!respawn) yield* broker.expect("POST", "/api/spawn", spec)
        yield* engine.awaitHosted(agent)
      }).pipe(Effect.timeoutFail({ duration: "45 seconds", onTimeout: () => new Error("the broker did not come up") }))

    /** SIGKILL, or an orderly end with SIGTERM; what it leaves behind is known and ended with the stage. */
    const stop = (signal) =>
      Effect.gen(function* () {
        const { broker, scope } = running
        started.push(...descendantsOf(broker.pid))
        yield* broker.kill(signal)
        yield* broker.exited.pipe(Effect.timeoutOption("10 seconds"))
        yield* Scope.close(scope, Exit.void)
      })

    const post = (count) =>
      Effect.gen(function* () {
        for (let n = 0; n < count; n++) {
          const mark = `[item ${sent.length + 1} of this run]`
          sent.push(mark)
          yield* engine.send({ from: sender, to: agent, text: `please look at this when you have a moment ${mark}` })
        }
      })

    /** How often each message was read so far, in the order of sending. */
    const reads = () => {
      const text = textOf(file)
      return sent.map((mark) => text.split(mark).length - 1)
    }

    /** Until everything is read, or `millis` are over; the milliseconds it took. */
    const awaitReads = (millis) =>
      Effect.gen(function* () {
        const from = performance.now()
        while (performance.now() - from < millis && reads().includes(0)) yield* Effect.sleep(50)
        return Math.round(performance.now() - from)
      })

    /** Nothing is read any more by what a dead broker left running: until nothing came for a while. */
    const awaitQuiet = (quietMillis, limitMillis) =>
      Effect.gen(function* () {
        const from = performance.now()
        let seen = textOf(file).length
        let changed = from
        for (;;) {
          const now = performance.now()
          const busy = started.some(isAlive)
          if (!busy || now - changed >= quietMillis || now - from >= limitMillis) return
          yield* Effect.sleep(50)
          const length = textOf(file).length
          if (length !== seen) [seen, changed] = [length, now]
        }
      })

    const tally = () => {
      const counts = reads()
      const acked = new Set(engine.mailbox(agent).flatMap(({ seq, state }) => (state === "acked" ? [seq] : [])))
      const unread = sent.flatMap((_, index) => (counts[index] === 0 ? [index + 1] : []))
      return {
        sent: sent.length,
        read: sent.length - unread.length,
        repeated: counts.filter((count) => count > 1).length,
        acked: acked.size,
        /** Gone for good: the engine will not send them again. */
        ackedUnread: unread.filter((seq) => acked.has(seq)).length,
        /** Still with the engine. */
        missing: unread.filter((seq) => !acked.has(seq)).length
      }
    }

    return { engine, start, stop, post, awaitReads, awaitQuiet, tally }
  })
