// Who imports whom in src/, types included: what `npm run check` and `npm run journeys` count.
import { readdirSync, readFileSync } from "node:fs"
import { join, relative, resolve, sep } from "node:path"
import { root } from "./setup.mjs"

const importPattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s*)"(\.[^"]+)"/g

/** Each file of src/ with the files it imports, as paths below src/ with forward slashes. */
export const importsOfSource = (source = join(root, "src")) => {
  const nameOf = (path) => relative(source, path).split(sep).join("/")
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  return new Map(
    files.map((file) => {
      const targets = [...readFileSync(file, "utf8").matchAll(importPattern)].map(([, target]) =>
        resolve(file, "..", target)
      )
      return [nameOf(file), [...new Set(targets.map(nameOf))]]
    })
  )
}

/** The files that exactly one other file imports: each is a candidate for a merge. */
export const filesWithOneImporter = (imports) => {
  const importers = new Map()
  for (const targets of imports.values())
    for (const target of targets) importers.set(target, (importers.get(target) ?? 0) + 1)
  return [...importers].filter(([, count]) => count === 1).map(([file]) => file)
}

/** Files that reach each other, one list for each such group (Tarjan's strongly connected components). */
export const importCircles = (imports) => {
  const circles = []
  const stack = []
  const seen = new Map()
  const visit = (file) => {
    const own = { index: seen.size, low: seen.size, onStack: true }
    seen.set(file, own)
    stack.push(file)
    for (const target of imports.get(file) ?? []) {
      const other = seen.get(target) ?? visit(target)
      if (other.onStack) own.low = Math.min(own.low, other.low)
    }
    if (own.low === own.index) {
      const group = stack.splice(stack.indexOf(file))
      for (const member of group) seen.get(member).onStack = false
      if (group.length > 1) circles.push(group)
    }
    return own
  }
  for (const file of imports.keys()) if (!seen.has(file)) visit(file)
  return circles
}
