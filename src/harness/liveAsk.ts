/** `Ask` over real programs and files, in the directory and environment the agent will have. */
import { spawn } from "node:child_process"
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import type { Ask, Conversation } from "./Ask.ts"
import { type CommandPlace, runCommand } from "./commands.ts"

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false
  )

const fileBelow = (directory: string, name: string): Effect.Effect<boolean> =>
  Effect.promise(async () => {
    if (name.includes("/")) return false
    const below = await readdir(directory).catch((): Array<string> => [])
    const found = await Promise.all(
      [directory, ...below.map((entry) => join(directory, entry))].map((at) => isThere(join(at, name)))
    )
    return found.includes(true)
  })

const converse =
  ({ cwd, env }: CommandPlace): Ask["converse"] =>
  ({ args, command }) =>
    Effect.gen(function* () {
      const lines = yield* Mailbox.make<string>()
      const child = yield* Effect.acquireRelease(
        Effect.sync(() => spawn(command, args, { cwd, env: { ...env }, stdio: ["pipe", "pipe", "ignore"] })),
        (started) => Effect.sync(() => void started.kill("SIGKILL"))
      )
      // A program that is not there or has gone is the end of the conversation, not of the broker.
      child.on("error", () => lines.unsafeDone(Exit.void))
      child.stdin.on("error", () => lines.unsafeDone(Exit.void))
      createInterface({ input: child.stdout })
        .on("line", (line) => lines.unsafeOffer(line))
        .on("close", () => lines.unsafeDone(Exit.void))
      const conversation: Conversation = {
        say: (line) => Effect.sync(() => void child.stdin.write(`${line}\n`)),
        hear: Effect.option(lines.take)
      }
      return conversation
    })

export const liveAsk = (place: CommandPlace): Ask => ({
  output: (line, timeoutMillis) =>
    Effect.map(runCommand(line, place, timeoutMillis), ({ exitCode, stdout }) =>
      exitCode === 0 ? Option.some(stdout) : Option.none()
    ),
  converse: converse(place),
  fileBelow
})
