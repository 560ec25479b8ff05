/**
 * The vendor's program behind `codex`. What npm installs is a Node program that starts it and stays above it with 40 MB of its
 * own; an app-server is started without that. Where the layout is another one, `codex` itself serves as well.
 */
import { open, readFile, realpath } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"

/** As the npm package `@openai/codex` names its parts (0.171). */
const targets: Readonly<Record<string, readonly [target: string, part: string]>> = {
  "linux x64": ["x86_64-unknown-linux-musl", "@openai/codex-linux-x64"],
  "linux arm64": ["aarch64-unknown-linux-musl", "@openai/codex-linux-arm64"],
  "darwin x64": ["x86_64-apple-darwin", "@openai/codex-darwin-x64"],
  "darwin arm64": ["aarch64-apple-darwin", "@openai/codex-darwin-arm64"]
}

const isThere = (path: string): Promise<boolean> =>
  open(path).then(
    (file) => file.close().then(() => true),
    () => false
  )

const partsOf = (packageRoot: string, part: string): ReadonlyArray<string> => {
  const own = join(packageRoot, "vendor")
  try {
    return [
      join(dirname(createRequire(join(packageRoot, "package.json")).resolve(`${part}/package.json`)), "vendor"),
      own
    ]
  } catch {
    return [own]
  }
}

const behind = async (command: string, platform: string): Promise<string | undefined> => {
  const [target, part] = targets[platform] ?? []
  if (target === undefined || part === undefined) return undefined
  // `<package>/bin/codex.js`, by way of the link in a directory of programs.
  const packageRoot = dirname(dirname(await realpath(command)))
  const { name } = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8")) as { readonly name?: unknown }
  if (name !== "@openai/codex") return undefined
  for (const vendor of partsOf(packageRoot, part)) {
    const program = join(vendor, target, "bin", "codex")
    if (await isThere(program)) return program
  }
  return undefined
}

/** `command`: the path of a `codex` that exists. */
export const nativeProgram = (
  command: string,
  platform = `${process.platform} ${process.arch}`
): Effect.Effect<string> =>
  Effect.tryPromise(() => behind(command, platform)).pipe(
    Effect.map((found) => found ?? command),
    // No package of npm: a program by itself.
    Effect.orElseSucceed(() => command)
  )
