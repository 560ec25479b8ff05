/** Ends and beginnings: releases, crashes of the broker, programs that refuse or end. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type { Stage } from "../Stage.ts"
import { Problem } from "../World.ts"
import type { Case } from "./Case.ts"

const turnOf = (stage: Stage, marker: string, withinMillis?: number) =>
  stage.exchange(
    `the turn of ${marker} began`,
    ({ isTurn, texts, who }) => isTurn && who === stage.family && texts.some(({ text }) => text.includes(marker)),
    withinMillis
  )

const nothingRuns = (stage: Stage, withinMillis: number) =>
  stage.world
    .until(
      "every process of the agent has ended",
      Effect.sync(() => (stage.world.processes().length === 0 ? true : undefined)),
      withinMillis
    )
    .pipe(
      Effect.catchTag(
        "Problem",
        () =>
          new Problem({
            reason: `left running after ${withinMillis / 1_000} s: ${stage.world
              .processes()
              .map(({ command, pid }) => `${pid} ${command}`)
              .join("; ")}`
          })
      )
    )

const release = (
  name: string,
  about: string,
  enter: (stage: Stage) => Effect.Effect<void, Problem>,
  o: Partial<Case> = {}
): Case => ({
  name: `release.${name}`,
  about: `released ${about}: answered, and nothing of it runs on`,
  ...o,
  run: (stage) =>
    Effect.gen(function* () {
      yield* enter(stage)
      const started = performance.now()
      yield* stage.release()
      stage.note(`released after ${Math.round(performance.now() - started)} ms`)
      yield* nothingRuns(stage, 6_000)
    })
})

/** The broker comes back with `--respawn`, and the agent with its session. */
const respawned = (stage: Stage) =>
  Effect.gen(function* () {
    yield* stage.world.killBroker
    yield* stage.world.startBroker
    yield* stage.world.until(
      "the agent is there again",
      Effect.orElseSucceed(stage.agent(), () => undefined),
      30_000
    )
  })

const goesOn = (stage: Stage, first: string, second: string) =>
  Effect.gen(function* () {
    const turn = yield* turnOf(stage, second, 90_000)
    if (!turn.texts.some(({ text }) => text.includes(first)))
      stage.found({
        fault: "not as promised",
        detail: "the session is lost: what was said before the crash is not in the request"
      })
  })

export const lifeCases: ReadonlyArray<Case> = [
  {
    name: "resume.idle",
    about: "kill -9 of the broker while the agent is idle, --respawn: the session goes on",
    fixed: ["claude", "codex", "opencode"],
    world: { brokerArgs: ["--respawn"] },
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        const first = yield* stage.send("before the crash")
        yield* stage.received(first)
        yield* stage.idle()
        yield* respawned(stage)
        const second = yield* stage.send("after the crash")
        yield* goesOn(stage, first.marker, second.marker)
      })
  },
  {
    name: "resume.turn",
    about: "kill -9 of the broker in the middle of a turn, a message waiting: each once",
    world: { brokerArgs: ["--respawn"] },
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        const before = yield* stage.send("long ago")
        yield* stage.received(before)
        yield* stage.idle()
        const first = yield* stage.send("do:stream=6000")
        yield* turnOf(stage, first.marker)
        const second = yield* stage.send("in mid-turn", { mode: "wait" })
        yield* respawned(stage)
        yield* goesOn(stage, before.marker, second.marker)
      })
  },
  release("idle", "while idle", (stage) => stage.idle(), { fixed: ["claude", "gemini"] }),
  release("busy", "during a turn", (stage) =>
    Effect.gen(function* () {
      yield* stage.idle()
      const sent = yield* stage.send("do:stream=20000")
      yield* turnOf(stage, sent.marker)
    })
  ),
  release(
    "asking",
    "while a permission dialog is open",
    (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        const sent = yield* stage.send("do:shell=touch /var/tmp/relay-judge")
        yield* turnOf(stage, sent.marker)
        yield* stage.shows(stage.facts.permission)
      }),
    { agent: "asks" }
  ),
  release(
    "starting",
    "while it starts",
    (stage) =>
      Effect.asVoid(Effect.fork(Effect.ignore(stage.spawn("worker")))).pipe(
        Effect.zipRight(
          Effect.asVoid(
            stage.world.until(
              "its process is there",
              Effect.sync(() => (stage.world.processes().length > 0 ? true : undefined)),
              10_000
            )
          )
        )
      ),
    { agent: "no-agent" }
  ),
  {
    name: "end.stop",
    about: "the broker is stopped: nothing of the agent runs on",
    fixed: ["codex", "opencode"],
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        yield* stage.world.stopBroker
        yield* nothingRuns(stage, 3_000)
      })
  },
  {
    name: "end.killed",
    about: "kill -9 of the broker: nothing of the agent outlives it for long",
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        const sent = yield* stage.send("before the end")
        yield* stage.received(sent)
        yield* stage.idle()
        yield* stage.world.killBroker
        yield* nothingRuns(stage, 10_000)
      })
  },
  {
    name: "end.exit",
    about: "the program is killed: people are told that it ended",
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        const row = yield* stage.agent()
        const pid = row?.pid ?? 0
        yield* stage.require(pid > 1, `no pid in ${JSON.stringify(row)}`)
        process.kill(pid, "SIGKILL")
        yield* stage.world.until(
          "the alert AgentExited",
          Effect.map(stage.get("/api/alerts"), (answer) =>
            JSON.stringify(answer).includes("AgentExited") ? true : undefined
          ),
          15_000
        )
        yield* nothingRuns(stage, 6_000)
      })
  },
  {
    name: "spawn.refused",
    about: "the program refuses to start: the spawn fails with its last output",
    families: ["claude"],
    world: { env: { IS_SANDBOX: "" } },
    agent: "no-agent",
    run: (stage) =>
      Effect.gen(function* () {
        const answer = yield* Effect.either(stage.spawn("worker"))
        yield* stage.require(answer._tag === "Left", "the spawn succeeded")
        const reason = answer._tag === "Left" ? answer.left.reason : ""
        yield* stage.require(/root|sudo/.test(reason), `the reason is not told: ${reason.slice(0, 300)}`)
      })
  },
  {
    name: "env.kept",
    about: "the user's own settings in the environment reach the program",
    families: ["claude"],
    fixed: true,
    world: { env: { CLAUDE_CODE_MAX_OUTPUT_TOKENS: "4321" } },
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        const sent = yield* stage.send("how long may you speak")
        const turn = yield* turnOf(stage, sent.marker)
        yield* stage.require(turn.body["max_tokens"] === 4321, `max_tokens is ${turn.body["max_tokens"]}`)
      })
  },
  {
    name: "logs.no-secret",
    about: "no file below the home that others can read, and no log of the program, holds a key of ours",
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        const sent = yield* stage.send("something")
        yield* stage.received(sent)
        const keys = [
          stage.world.engine.key(),
          stage.world.broker().apiKey,
          stage.world.engine.agent("worker")?.token ?? "no token"
        ]
        const root = stage.world.home.home
        const holding = readdirSync(root, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && /\.(log|jsonl|txt)$/.test(entry.name))
          .map((entry) => join(entry.parentPath, entry.name))
          .filter((path) => existsSync(path))
          .filter((path) => {
            const text = readFileSync(path, "utf8")
            return keys.some((key) => text.includes(key))
          })
        yield* stage.require(holding.length === 0, `a key of ours is in ${holding.join(", ")}`)
      })
  }
]
