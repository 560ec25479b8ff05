/** `Ask` over real programs and files, in the directory and environment the agent will have. */
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Ask } from "./Ask.ts"
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

export const liveAsk = (place: CommandPlace): Ask => ({
  output: (line, timeoutMillis) =>
    Effect.map(runCommand(line, place, timeoutMillis), ({ exitCode, stdout }) =>
      exitCode === 0 ? Option.some(stdout) : Option.none()
    ),
  fileBelow,
  entries: (directory) => Effect.promise(() => readdir(directory).catch((): Array<string> => []))
})
