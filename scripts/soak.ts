/**
 * The real broker process against an engine of ours on a real socket: every fault of network and engine, one after the
 * other, while agents come and go and messages flow. Every round ends in a quiet, where four views must agree, nothing may
 * be lost, and the process must be as large as it was.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { runRounds } from "./soak/rounds.ts"

interface Words {
  readonly minutes: number
  readonly seed: number
  readonly agents: number
}

const usage =
  "[SOAK_METRICS=FILE] npm run soak -- [--minutes N] [--seed N] [--agents N]   FILE: where the last /metrics goes"

const wordsOf = (words: ReadonlyArray<string>): Words | undefined => {
  const given = { minutes: 5, seed: 1, agents: 5 }
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i]?.slice(2)
    const value = Number(words[i + 1])
    if (!words[i]?.startsWith("--") || !(name !== undefined && name in given) || !(value > 0)) return undefined
    given[name as keyof typeof given] = value
  }
  return given
}

export const main = async (o: {
  readonly root: string
  readonly place: string
  readonly words: ReadonlyArray<string>
}): Promise<void> => {
  const words = wordsOf(o.words)
  if (words === undefined) {
    process.stderr.write(`usage: ${usage}\n`)
    process.exitCode = 2
    return
  }
  const print = (line: string) => process.stdout.write(`${line}\n`)
  const controller = new AbortController()
  process.once("SIGINT", () => controller.abort())
  const exit = await Effect.runPromiseExit(Effect.scoped(runRounds({ ...o, ...words, print })), {
    signal: controller.signal
  })
  if (Exit.isFailure(exit)) print(`soak: broke off: ${exit.cause.toString()}`)
  const faults = Exit.isSuccess(exit) ? exit.value : ["broke off"]
  print(
    faults.length === 0
      ? "VERDICT: sound"
      : `VERDICT: ${faults.length} findings\n${faults.map((each) => `  - ${each}`).join("\n")}`
  )
  process.exit(faults.length === 0 ? 0 : 1)
}
