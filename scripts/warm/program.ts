/** The program as it is started, that leaves V8's code of what ran in a file when it ends. */
import { renameSync, writeFileSync } from "node:fs"
import { cacheOf, loadProgram, setHeapFlags } from "../../src/cli/loadProgram.ts"

const path = process.env["RELAY_WARM_PROGRAM"] ?? ""
setHeapFlags()
const { main, script } = loadProgram(path)
process.on("exit", () => {
  const place = cacheOf(path)
  writeFileSync(`${place}.new`, script.createCachedData())
  renameSync(`${place}.new`, place)
})
main(process.argv.slice(2))
