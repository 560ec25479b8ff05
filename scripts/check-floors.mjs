// The house (docs/architecture.md): a room imports from lower floors only, from its own room, or from a room on its own floor
// that stands before it here.
import { readdirSync, readFileSync } from "node:fs"
import { join, relative, resolve, sep } from "node:path"
import { root } from "./setup.mjs"

const floors = [
  ["domain"],
  ["wire", "events", "sqlite", "store", "telemetry"],
  ["engine", "pty", "alerts"],
  ["identity", "harness"],
  ["injection", "workers"],
  ["node"],
  ["delivery", "agents", "sidecar"],
  ["invocations"],
  ["broker"],
  ["api"],
  ["cli"]
]
// Beside the floors: what each may import, and nothing of the program imports it. `undefined`: all rooms.
const beside = new Map([
  ["local-engine", ["domain", "wire", "sqlite"]],
  ["console", []],
  ["testing", undefined]
])
const floorOf = new Map(floors.flatMap((rooms, index) => rooms.map((room) => [room, index + 1])))
const order = floors.flat()
// Entry points stand above the house.
const entries = new Set(["index.ts", "main.ts"])

const source = join(root, "src")
const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))

const importPattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s*)"(\.[^"]+)"/g
const roomOf = (file) => relative(source, file).split(sep)[0]

const isAllowed = (room, target) => {
  if (beside.has(target)) return false
  if (beside.has(room)) return beside.get(room)?.includes(target) ?? order.includes(target)
  return order.includes(target) && order.indexOf(target) < order.indexOf(room)
}
const placeOf = (room) => (beside.has(room) ? "beside the floors" : `floor ${floorOf.get(room) ?? "?"}`)

const problems = []
let imports = 0
for (const file of files) {
  const room = roomOf(file)
  if (entries.has(room)) continue
  const floor = floorOf.get(room)
  if (floor === undefined && !beside.has(room)) {
    problems.push(`${relative(root, file)}: room "${room}" is not in the plan`)
    continue
  }
  for (const [, target] of readFileSync(file, "utf8").matchAll(importPattern)) {
    imports += 1
    const targetRoom = roomOf(resolve(file, "..", target))
    if (targetRoom === room || isAllowed(room, targetRoom)) continue
    problems.push(`${relative(root, file)} (${placeOf(room)}) imports ${targetRoom} (${placeOf(targetRoom)})`)
  }
}
if (imports === 0) problems.push("no import was found: the check itself is broken")
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.stdout.write(`floors: ${files.length} files, ${imports} imports, ${problems.length} problems\n`)
process.exit(problems.length === 0 ? 0 : 1)
