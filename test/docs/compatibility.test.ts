/** The tables of docs/compatibility.md say what is so. */
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { methodsOf } from "../../src/api/http/routeTable.ts"
import { program, root } from "../e2e/rig.ts"

interface Row {
  readonly name: string
  readonly status: "same" | "better" | "partly" | "not carried over"
  readonly note: string
}
type Section = "routes" | "events" | "commands" | "variables" | "files"

const surface = JSON.parse(readFileSync(join(root, "fixtures", "clients", "surface-9.1.6.json"), "utf8")) as Readonly<
  Record<Section, ReadonlyArray<Row>>
>

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => readFileSync(join(root, "src", path), "utf8"))
const mentioned = (text: string) => sources.some((source) => source.includes(text))
const here = (section: Section) => surface[section].filter(({ status }) => status !== "not carried over")
const gone = (section: Section) => surface[section].filter(({ status }) => status === "not carried over")

const run = (...args: ReadonlyArray<string>) => spawnSync(process.execPath, [program, ...args], { encoding: "utf8" })

describe("docs/compatibility.md", () => {
  it("is made from the data", () => {
    const script = join(root, "scripts", "docs", "compatibility.mjs")
    const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" })
    assert.strictEqual(status, 0, stderr)
  })

  it.each(here("routes").map(({ name }) => name))("%s is a route", (name) => {
    const [method = "", path = ""] = name.split(" ")
    assert.include(methodsOf(path.replace("{name}", "w1")), method)
  })

  it.each(here("events").map(({ name }) => name))("%s is an event", (name) => assert.isTrue(mentioned(`"${name}"`)))

  it.each(gone("events").map(({ name }) => name))("%s is no event", (name) =>
    assert.isFalse(mentioned(`kind: "${name}"`))
  )

  it.each(here("variables").map(({ name }) => name))("%s is read", (name) => assert.isTrue(mentioned(name)))

  it("every flag of init is a flag here, and every command has a help", () => {
    const help = run("init", "--help").stdout
    for (const { name } of here("commands")) {
      const [command = "", flag] = name.split(" ")
      if (flag === undefined) assert.strictEqual(run(command, "--help").status, 0, command)
      else assert.include(help, flag)
    }
  })

  it.each(gone("commands").map(({ name }) => name))("%s says that it is not carried over, and what to use", (name) => {
    const { status, stderr } = run(name)
    assert.strictEqual(status, 2)
    assert.match(stderr, /relay-broker|POST \/api/)
    assert.lengthOf(stderr.trim().split("\n"), 1)
  })

  it("whatever is not carried over has a reason", () => {
    for (const section of Object.keys(surface) as ReadonlyArray<Section>)
      for (const { name, note } of gone(section)) assert.isNotEmpty(note, name)
  })
})
