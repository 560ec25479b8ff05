/**
 * Runs the bundled program (scripts/program.mjs) with the code that V8 made of it at build time, where there is some: to
 * compile a megabyte anew takes longer than all the rest of a start.
 */
import { existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { basename } from "node:path"
import { setFlagsFromString } from "node:v8"
import { Script } from "node:vm"
import type * as Main from "./Main.ts"

/** The name holds a hash of the program, so that code of another one is never taken for it: V8 compares lengths only. */
export const cacheOf = (path: string) => `${path}.cache`

const wrap = (source: string) => `(function (exports, require, module, __filename) {${source}\n})`

/** `script` is for making the cache. V8 itself refuses one of another version or other flags; then it compiles. */
export const loadProgram = (path: string): { readonly main: typeof Main.main; readonly script: Script } => {
  const cache = cacheOf(path)
  const script = new Script(wrap(readFileSync(path, "utf8")), {
    filename: path,
    ...(existsSync(cache) ? { cachedData: readFileSync(cache) } : {})
  })
  const module = { exports: {} as typeof Main }
  script.runInThisContext()(module.exports, createRequire(path), module, path)
  return { main: module.exports.main, script }
}

/**
 * A broker makes garbage slowly and runs for weeks: young objects have room enough in what they begin with. Measured: 25 MB
 * less at 10 agents. Before the heap grows, and the same for every command: V8 refuses code made under other flags.
 */
export const setHeapFlags = () => setFlagsFromString("--semi-space-growth-factor=1")

// The name this program was called by: it answers to two, and clients look at the one they know. Plain function.

/** A file name of the program itself, rather than of a link to it, says nothing. */
export const programName = (script: string | undefined): string => {
  const name = basename(script ?? "").replace(/\.(js|mjs|cjs|ts|exe)$/, "")
  return name === "" || name === "main" ? "relay-broker" : name
}
