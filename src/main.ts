/** The program. `--version` is answered before anything else is loaded; everything else is the command line's. */
import { programName } from "./cli/programName.ts"
import { version } from "./domain/Version.ts"

const words = process.argv.slice(2)

if (words[0] === "--version" || words[0] === "-V") {
  process.stdout.write(`${programName(process.argv[1])} ${version}\n`)
} else {
  const { main } = await import("./cli/Main.ts")
  main(words)
}
