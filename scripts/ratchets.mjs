// `npm run ratchets [-- --show NAME | --write]`: what the tree should have less of, counted. A number above the one in ratchets.json
// fails; `--write` lowers the numbers there to what is counted, and never raises one; `--show` prints the places of one kind.
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import ts from "typescript"
import { filesWithOneImporter, importCircles, importsOfSource } from "./imports.mjs"
import { root } from "./setup.mjs"

const recorded = join(root, "scripts", "ratchets.json")

const below = (...folders) =>
  folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  )
const here = (file) => relative(root, file)

const linesWith = (files, pattern) =>
  files.flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${here(file)}:${index + 1}: ${line.trim()}`] : []))
  )

/** Pages that only the authors had, by their short names and a number. */
const citation = /\b(?:EP|CB|AC|RT|UX) (?:[0-9]|pitfall)|\bdesign [0-9]|\((?:S|L) [0-9]|\b[SL] [0-9]+\.[0-9]/

const isCode = (file) => /\.(?:[cm]?[jt]s)$/.test(file)
const pages = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
  .map((entry) => join(root, entry.name))

/** Places in src/ where the syntax tree has such a node; a file whose text has no `hint` is not parsed. */
const nodes = (hint, wanted) =>
  below("src")
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => {
      const text = readFileSync(file, "utf8")
      if (!hint.test(text)) return []
      const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
      const found = []
      const visit = (node) => {
        if (wanted(node))
          found.push(`${here(file)}:${tree.getLineAndCharacterOfPosition(node.end).line + 1}: ${node.getText()}`)
        ts.forEachChild(node, visit)
      }
      visit(tree)
      return found
    })

const imports = importsOfSource()

const kinds = {
  "sleeps in tests": () => linesWith(below("test").filter(isCode), /\bEffect\.sleep\b/),
  "citations of private pages": () =>
    linesWith(
      [
        ...below("src", "test", "scripts", "docs").filter((file) => isCode(file) || /\.(?:md|json)$/.test(file)),
        ...pages
      ],
      citation
    ),
  "non-null assertions": () => nodes(/[\w)\]]!/, ts.isNonNullExpression),
  "as casts": () => nodes(/\bas (?!const\b)/, (node) => ts.isAsExpression(node) && node.type.getText() !== "const"),
  "files with one importer": () => filesWithOneImporter(imports),
  "import circles": () => importCircles(imports).map((circle) => circle.join(" "))
}

const [option, name] = process.argv.slice(2)
if (option === "--show" && !(name in kinds)) {
  process.stderr.write(`ratchets: --show wants one of: ${Object.keys(kinds).join(", ")}\n`)
  process.exit(2)
}
if (option === "--show") {
  const found = kinds[name]()
  process.stdout.write(`${found.join("\n")}\n${found.length}\n`)
  process.exit(0)
}

const limits = JSON.parse(readFileSync(recorded, "utf8"))
const counts = Object.fromEntries(Object.entries(kinds).map(([kind, find]) => [kind, find().length]))
const above = Object.keys(kinds).filter((kind) => !(counts[kind] <= limits[kind]))
const said = Object.keys(kinds).map(
  (kind) => `${kind} ${counts[kind]}${counts[kind] < limits[kind] ? ` (of ${limits[kind]})` : ""}`
)
process.stdout.write(`ratchets: ${said.join(", ")}\n`)
for (const kind of above)
  process.stderr.write(
    `${kind}: ${counts[kind]}, and at most ${limits[kind]} are allowed; see \`npm run ratchets -- --show "${kind}"\`\n`
  )
if (option === "--write") {
  const lowered = Object.fromEntries(
    Object.keys(kinds).map((kind) => [kind, Math.min(counts[kind], limits[kind] ?? counts[kind])])
  )
  writeFileSync(recorded, `${JSON.stringify(lowered, null, 2)}\n`)
}
process.exit(above.length === 0 ? 0 : 1)
