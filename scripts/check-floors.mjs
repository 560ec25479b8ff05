// The house (docs/architecture.md): a room imports from lower floors only, or from its own room.
import { readdirSync, readFileSync } from "node:fs"
import { join, relative, resolve, sep } from "node:path"
import { root } from "./setup.mjs"

const floors = [
  ["domain"],
  ["wire", "events", "store", "telemetry"],
  ["engine", "pty", "alerts"],
  ["identity", "harness"],
  ["tokens", "injection", "workers"],
  ["node"],
  ["delivery", "agents", "sidecar"],
  ["actions"],
  ["broker"],
  ["api"],
  ["cli"],
  ["testing"]
]
const floorOf = new Map(floors.flatMap((rooms, index) => rooms.map((room) => [room, index + 1])))
/** Of one floor, and still one above the other. */
const standsOn = new Map([["workers", new Set(["injection"])]])
// Entry points stand above the house.
const entries = new Set(["index.ts", "main.ts"])

const source = join(root, "src")
const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))

const importPattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s*)"(\.[^"]+)"/g
const roomOf = (file) => relative(source, file).split(sep)[0]

const problems = []
let imports = 0
for (const file of files) {
  const room = roomOf(file)
  if (entries.has(room)) continue
  const floor = floorOf.get(room)
  if (floor === undefined) {
    problems.push(`${relative(root, file)}: room "${room}" is not in the plan`)
    continue
  }
  for (const [, target] of readFileSync(file, "utf8").matchAll(importPattern)) {
    imports += 1
    const targetRoom = roomOf(resolve(file, "..", target))
    if (targetRoom === room || standsOn.get(room)?.has(targetRoom)) continue
    const targetFloor = floorOf.get(targetRoom)
    if (targetFloor === undefined || targetFloor >= floor) {
      problems.push(`${relative(root, file)} (floor ${floor}) imports ${targetRoom} (floor ${targetFloor ?? "?"})`)
    }
  }
}
if (imports === 0) problems.push("no import was found: the check itself is broken")
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.stdout.write(`floors: ${files.length} files, ${imports} imports, ${problems.length} problems\n`)
process.exit(problems.length === 0 ? 0 : 1)
