// The program as it is started, under V8's coverage. Each SIGUSR2 writes what ran since the last one, as `<n>.json` into
// RELAY_JOURNEYS_DIR: the offsets of the functions that were called, in the bundle.
import { renameSync, writeFileSync } from "node:fs"
import { Session } from "node:inspector"
import { createRequire } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

const path = process.env.RELAY_JOURNEYS_PROGRAM
const directory = process.env.RELAY_JOURNEYS_DIR
const url = pathToFileURL(path).href

const session = new Session()
session.connect()
session.post("Profiler.enable")
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false })

let taken = 0
process.on("SIGUSR2", () => {
  session.post("Profiler.takePreciseCoverage", (error, coverage) => {
    if (error !== null) throw error
    const offsets = coverage.result
      .filter((script) => script.url === url || script.url === path)
      .flatMap(({ functions }) => functions)
      .filter(({ functionName, ranges: [range] }) => functionName !== "" || range.startOffset > 0)
      .flatMap(({ ranges: [range] }) => (range.count > 0 ? [range.startOffset] : []))
    taken += 1
    const place = join(directory, `${taken}.json`)
    writeFileSync(`${place}.new`, JSON.stringify(offsets))
    renameSync(`${place}.new`, place)
  })
})

createRequire(import.meta.url)(path).main(process.argv.slice(2))
