// `npm run journeys [-- --static | --write]`: how many files a reader opens. For one delivery, one spawn and one send through the
// real program, the files of src/ whose functions ran, room by room; and the files there are, those with one importer, and
// circles of imports. A number above the one in journeys.json fails. `--static` leaves the journeys out and takes a second;
// `--write` lowers the numbers to what was found, and never raises one.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { filesWithOneImporter, importCircles, importsOfSource } from "./imports.mjs"
import { ensureInstalled, root } from "./setup.mjs"

const recorded = join(root, "scripts", "journeys.json")
const options = new Set(process.argv.slice(2))

/** No part of the broker: other programs' code, or no program at all. */
const beside = /^(?:local-engine|console|testing)\//

const roomOf = (file) => (file.includes("/") ? file.slice(0, file.indexOf("/")) : "(entries)")

const byRoom = (files) => {
  const rooms = new Map()
  for (const file of [...files].sort()) rooms.set(roomOf(file), [...(rooms.get(roomOf(file)) ?? []), file])
  return rooms
}

const imports = importsOfSource()
const files = [...imports.keys()].filter((file) => !beside.test(file))
const counts = { "files in src": files.length }
/** These have their limits in ratchets.json. */
const seen = {
  "files with one importer": filesWithOneImporter(imports).filter((file) => !beside.test(file)).length,
  "import circles": importCircles(imports).length
}

/** Where each file begins in a bundle that was not minified: esbuild says so above each. */
const beginnings = (bundle) =>
  [...bundle.matchAll(/^ *\/\/ (?:\.\.\/)*(src\/\S+\.ts|node_modules\/\S+|scripts\/\S+)$/gm)].map(
    ({ 1: file, index }) => ({
      index,
      file: file.startsWith("src/") ? file.slice("src/".length) : undefined
    })
  )

const fileAt = (places, offset) => {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (places[middle].index <= offset) low = middle + 1
    else high = middle
  }
  return places[low - 1]?.file
}

const travel = async () => {
  await ensureInstalled()
  const { bundle } = await import("./bundle.mjs")
  const { buildProgram } = await import("./program.mjs")
  const { load, place } = await bundle("journeys", { entryPoints: [join(root, "scripts", "journeys", "main.ts")] })
  const program = await buildProgram({
    // Below the packages that it loads when it needs them.
    outdir: join(root, "node_modules", ".cache", "journeys"),
    options: { minify: false, define: { __FAULT_POINTS__: "false" } }
  })
  const { journeys } = await load()
  const runs = await journeys({
    root,
    program,
    home: join(place, "home"),
    runner: join(root, "scripts", "journeys", "program.mjs")
  })
  const places = beginnings(readFileSync(program, "utf8"))
  const filesOf = (offsets) => new Set(offsets.flatMap((offset) => fileAt(places, offset) ?? []))
  return Object.entries(runs).map(([name, repetitions]) => {
    const [first, ...others] = repetitions.map(filesOf)
    return { name, files: [...first].filter((file) => others.every((other) => other.has(file))) }
  })
}

if (!options.has("--static")) {
  for (const { files, name } of await travel()) {
    counts[name] = files.length
    process.stdout.write(`${name}: ${files.length} files\n`)
    for (const [room, members] of byRoom(files)) {
      process.stdout.write(`  ${room.padEnd(12)} ${String(members.length).padStart(2)}  ${members.join(" ")}\n`)
    }
  }
  process.stdout.write(`rooms: ${[...byRoom(files)].map(([room, { length }]) => `${room} ${length}`).join(", ")}\n`)
}

const limits = JSON.parse(readFileSync(recorded, "utf8"))
const known = (kind) => limits[kind] ?? counts[kind]
const said = Object.entries(counts).map(
  ([kind, count]) => `${kind} ${count}${count < known(kind) ? ` (of ${known(kind)})` : ""}`
)
process.stdout.write(
  `journeys: ${[...said, ...Object.entries(seen).map(([kind, count]) => `${kind} ${count}`)].join(", ")}\n`
)
const above = Object.entries(counts).filter(([kind, count]) => count > known(kind))
for (const [kind, count] of above) process.stderr.write(`${kind}: ${count}, and at most ${limits[kind]} are allowed\n`)
if (options.has("--write")) {
  const lowered = Object.entries({ ...limits, ...counts }).map(([kind, count]) => [kind, Math.min(count, known(kind))])
  writeFileSync(recorded, `${JSON.stringify(Object.fromEntries(lowered), null, 2)}\n`)
}
process.exit(above.length === 0 ? 0 : 1)
