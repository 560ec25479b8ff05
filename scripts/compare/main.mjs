// Runs the scenarios for each broker, one after the other, and judges ours.
import { join, resolve } from "node:path"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import { faultsOf, markdown } from "./report.mjs"
import { scenarios } from "./scenarios.mjs"
import { subject } from "./subject.mjs"

const say = (text) =>
  void process.stderr.write(`[compare ${(performance.now() / 1_000).toFixed(0).padStart(3)} s] ${text}\n`)

const play = (name, o) => {
  const { limitMillis, mayBeMissing, run, title } = scenarios[name]
  const { who } = o.subject
  return run({ ...o, say: (text) => say(`${who}: ${text}`) }).pipe(
    Effect.timeoutFail({ duration: limitMillis(o), onTimeout: () => new Error("took too long") }),
    Effect.map((rows) => rows.map((row) => ({ scenario: name, who, mayBeMissing, ...row }))),
    Effect.catchAllCause((cause) =>
      Cause.isInterruptedOnly(cause)
        ? Effect.interrupt
        : Effect.succeed([{ scenario: name, who, mayBeMissing, title, problem: Cause.pretty(cause).split("\n")[0] }])
    )
  )
}

/** The exit code: 1 when ours failed, or could not be judged; 2 for a broker that cannot be run. */
const judged = (options) =>
  Effect.gen(function* () {
    const programs = [["ours", options.broker ?? join(options.root, "dist", "relay-broker.js")]]
    if (options.peer !== undefined) programs.push(["peer", options.peer])
    const subjects = programs.map(([who, program]) => subject(who, resolve(program)))
    const broken = subjects.indexOf(undefined)
    if (broken >= 0) {
      process.stderr.write(`compare: ${programs[broken][1]} cannot be run\n`)
      return 2
    }
    const rows = yield* Effect.forEach(options.only, (name) =>
      Effect.forEach(subjects, (one) => play(name, { ...options, subject: one }))
    )
    const results = rows.flat(2)
    const faults = faultsOf(results)
    const seconds = Math.round(performance.now() / 1_000)
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ subjects, seed: options.seed, seconds, results, faults }, undefined, 2)}\n`
        : `${markdown({ subjects, results, seconds })}\n`
    )
    for (const fault of faults) say(`ours failed: ${fault}`)
    return faults.length === 0 ? 0 : 1
  })

export const compare = async (options) => {
  const fiber = Effect.runFork(Effect.provide(judged(options), Logger.remove(Logger.defaultLogger)))
  // The scopes end every process before we go.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => fiber.unsafeInterruptAsFork(fiber.id()))
  const exit = await Effect.runPromise(Fiber.await(fiber))
  if (Exit.isFailure(exit)) say(Cause.pretty(exit.cause))
  return Exit.isSuccess(exit) ? exit.value : 1
}
