/** Plays the cases of each family and version, and says what each came to. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { Case } from "./cases/Case.ts"
import { cases, excuses } from "./cases/index.ts"
import type { Installed } from "./install.ts"
import { agentName, makeStage, type StageRecord } from "./Stage.ts"
import { type Fault, type Finding, receiptOf } from "./Verdict.ts"

import type { Family } from "./versions.ts"
import { makeWorld, Problem, type Program, type World } from "./World.ts"

export interface Result {
  readonly case: string
  readonly family: Family
  readonly version: string
  readonly outcome: "ok" | Fault | "excused" | "not played"
  readonly findings: ReadonlyArray<Finding>
  readonly notes: ReadonlyArray<string>
  /** Frame to the user's text in the model's request, per message, milliseconds. */
  readonly millis: ReadonlyArray<number>
  /** What the receipts say of how the broker knew. */
  readonly evidence: ReadonlyArray<string>
  readonly seconds: number
  readonly log: string
}

export interface RunOptions {
  readonly broker: string
  readonly directory: string
  readonly targets: ReadonlyArray<Installed & { readonly name: Family }>
  /** `agent-relay mcp`, installed aside: what the broker of today gives the agents. */
  readonly mcpCommand: string
  /** To install what a case needs beside its family. */
  readonly program: (family: Family) => Effect.Effect<Installed, Problem>
  readonly wanted: (each: Case, family: Family) => boolean
  readonly onResult: (result: Result) => void
}

/** No case lasts longer; the budget of a case that hangs. */
const caseMillis = 240_000

interface Opened {
  readonly world: World
  readonly scope: Scope.CloseableScope
}

const open = (o: RunOptions, target: RunOptions["targets"][number], each: Case, directory: string) =>
  Effect.gen(function* () {
    const more = yield* Effect.forEach(each.world?.with ?? [], (family) =>
      Effect.map(o.program(family), (installed): Program => ({ family, installed }))
    )
    const scope = yield* Scope.make()
    const { with: _, ...options } = each.world ?? {}
    const world = yield* makeWorld({
      ...options,
      env: { AGENT_RELAY_MCP_COMMAND: o.mcpCommand, ...options.env },
      programs: [{ family: target.name, installed: target }, ...more],
      broker: o.broker,
      directory
    }).pipe(
      Scope.extend(scope),
      Effect.tapErrorCause(() => Scope.close(scope, Exit.void))
    )
    const opened: Opened = { world, scope }
    return opened
  })

const evidenceOf = (world: World, record: StageRecord): ReadonlyArray<string> => {
  const ids = new Set(record.sent.map(({ messageId }) => messageId))
  const said = world.events
    .filter(({ event_id, kind }) => kind === "delivery_verified" && ids.has(String(event_id)))
    .map(({ channel, evidence, verification }) => [channel, evidence ?? verification].filter(Boolean).join(": "))
  return [...new Set(said)]
}

const explain = (cause: Cause.Cause<Problem>): Finding => {
  const problem = Option.getOrUndefined(Cause.failureOption(cause))
  return {
    fault: problem?.reason.startsWith("not within") === true ? "not received in time" : "not as promised",
    detail: problem?.reason ?? Cause.pretty(cause)
  }
}

export const run = (o: RunOptions): Effect.Effect<ReadonlyArray<Result>> =>
  Effect.gen(function* () {
    const results: Array<Result> = []
    const add = (result: Result) => {
      results.push(result)
      appendFileSync(join(o.directory, "results.jsonl"), `${JSON.stringify(result)}\n`)
      o.onResult(result)
    }
    for (const target of o.targets) {
      let shared: Opened | undefined
      const close = (opened: Opened | undefined) =>
        opened === undefined ? Effect.void : Scope.close(opened.scope, Exit.void)
      for (const each of cases) {
        if (!o.wanted(each, target.name)) continue
        if (each.families !== undefined && !each.families.includes(target.name)) continue
        const base = { case: each.name, family: target.name, version: target.version }
        const excuse = excuses.find(
          ({ family, name, version }) =>
            name === each.name && family === target.name && (version === undefined || version === target.version)
        )
        if (excuse !== undefined) {
          add({
            ...base,
            outcome: "excused",
            findings: [],
            notes: [excuse.reason],
            millis: [],
            evidence: [],
            seconds: 0,
            log: ""
          })
          continue
        }
        const started = performance.now()
        const log = join(o.directory, `${target.name}-${target.version}`, each.name)
        mkdirSync(log, { recursive: true })
        const reuse = each.shared === true ? shared : undefined
        const played = yield* Effect.gen(function* () {
          const opened = reuse ?? (yield* open(o, target, each, log))
          const record = makeStage({ world: opened.world, family: target.name, version: target.version })
          const { settle, stage } = record
          const went = yield* Effect.exit(
            Effect.gen(function* () {
              if (reuse === undefined && each.agent !== "no-agent")
                yield* stage.spawn(agentName, { args: each.agent === "asks" ? stage.facts.asks : [] })
              yield* each.run(stage)
            }).pipe(
              Effect.timeoutFail({
                duration: caseMillis,
                onTimeout: () => new Problem({ reason: `not within ${caseMillis / 1_000} s: the case` })
              })
            )
          )
          const found = [...(yield* settle), ...(Exit.isFailure(went) ? [explain(went.cause)] : [])]
          const screen = yield* Effect.orElseSucceed(stage.screen(), () => "(no agent)")
          writeFileSync(join(log, "screen.txt"), screen)
          writeFileSync(join(log, "sent.json"), JSON.stringify(record.sent, null, 1))
          const millis = record.sent.flatMap((sent) => {
            const receipt = receiptOf(sent, opened.world.model.exchanges)
            return receipt === undefined ? [] : [receipt.at - sent.sentAt]
          })
          return { opened, record, found, millis, evidence: evidenceOf(opened.world, record) }
        }).pipe(Effect.exit)
        const seconds = Math.round((performance.now() - started) / 100) / 10
        if (Exit.isFailure(played)) {
          const finding = explain(played.cause)
          add({
            ...base,
            outcome: "not as promised",
            findings: [finding],
            notes: [],
            millis: [],
            evidence: [],
            seconds,
            log
          })
          yield* close(reuse)
          shared = undefined
          continue
        }
        const { evidence, found, millis, opened, record } = played.value
        writeFileSync(join(log, "findings.json"), JSON.stringify({ found, notes: record.notes }, null, 1))
        if (found.length === 0 && each.shared === true) shared = opened
        else {
          yield* close(opened)
          if (reuse !== undefined) shared = undefined
        }
        add({
          ...base,
          outcome: found[0]?.fault ?? "ok",
          findings: found,
          notes: record.notes,
          millis,
          evidence,
          seconds,
          log: reuse === undefined ? log : `${log} (world: ${opened.world.directory})`
        })
      }
      yield* close(shared)
    }
    return results
  })
