// A broker whose proof is broken on purpose: what is about to be written counts as taken. The judge must go red with it.

import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buildProgram } from "../../scripts/program.mjs"
import { root } from "../../scripts/setup.mjs"

const place = "yield* together(entries, (entry) => Effect.uninterruptible(guarded(entry, entry.item.onTyping)))"
const early = `yield* together(entries, (entry) =>
  guarded(entry, entry.item.onOutcome({ _tag: "Submitted", evidence: "turn_started", channel: channel.status().name, atMillis: wall() })))`

const ackAtTheWrite = {
  name: "ack-at-the-write",
  setup: (build) =>
    build.onLoad({ filter: /injection[\\/]Injector\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8")
      if (source.split(place).length !== 2)
        throw new Error(`${path} has changed: say here where its proof can be broken`)
      return { contents: source.replace(place, `${place}\n      ${early}`), loader: "ts" }
    })
}

/** Returns the path of its program. */
export const buildBroken = async () => {
  const directory = mkdtempSync(join(tmpdir(), "relay-broker-broken-"))
  const outdir = join(directory, "dist")
  mkdirSync(outdir)
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }))
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"))
  await buildProgram({ outdir, options: { plugins: [ackAtTheWrite] } })
  return { directory, program: join(outdir, "relay-broker.js") }
}
