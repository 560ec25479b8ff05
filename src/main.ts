/** The program. `--version` is answered before anything else is loaded; everything else is the command line's. */
import { fileURLToPath } from "node:url"
import { loadProgram, programName, setHeapFlags } from "./cli/loadProgram.ts"

import { version } from "./domain/Version.ts"

/** File name of the bundled program, beside this one. */
declare const __PROGRAM__: string

const words = process.argv.slice(2)

if (words[0] === "--version" || words[0] === "-V") {
  process.stdout.write(`${programName(process.argv[1])} ${version}\n`)
} else {
  setHeapFlags()
  loadProgram(fileURLToPath(new URL(__PROGRAM__, import.meta.url))).main(words)
}
