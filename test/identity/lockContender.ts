/**
 * A process of its own that contends for a lock: waits for a line on stdin, tries, says what came of it and stays until
 * it is killed or its stdin ends. With "leave" as second argument it ends by itself, as far as the lock lets it.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { acquire } from "../../src/identity/ProcessLock.ts"

const [, , path, then] = process.argv
const say = (text: string) => process.stdout.write(`${text}\n`)

const contend = Effect.gen(function* () {
  const scope = yield* Scope.make() // never closed: the claim ends with the process
  const exit = yield* Effect.exit(Scope.extend(acquire({ path: path! }), scope))
  say(Exit.isSuccess(exit) ? "won" : `lost ${JSON.stringify(exit.cause)}`)
})

if (then === "leave") await Effect.runPromise(contend)
else {
  say("waiting")
  process.stdin.once("data", () => {
    void Effect.runPromise(contend)
  })
  process.stdin.once("end", () => process.exit(0))
}
