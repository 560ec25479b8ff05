/** Qwen Code's transcripts: `projects/<directory>/chats/<id>.jsonl` below its directory. */
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"

/** The paths of a session's transcripts; it has none before the first thing was said in it. */
export const transcriptsOf = (
  environment: Readonly<Record<string, string>>,
  sessionId: string
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => {
    const projects = join(environment["HOME"] ?? "/", ".qwen", "projects")
    const below = await readdir(projects).catch((): Array<string> => [])
    const paths = below.map((project) => join(projects, project, "chats", `${sessionId}.jsonl`))
    const there = await Promise.all(
      paths.map((path) =>
        stat(path).then(
          (found) => found.isFile(),
          () => false
        )
      )
    )
    return paths.filter((_, index) => there[index])
  })
