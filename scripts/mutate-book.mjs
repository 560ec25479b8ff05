// Proof that the tests of the delivery book can fail: each rule of it is broken in turn, in a copy, and the tests must notice.
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root } from "./setup.mjs"

const mutations = [
  ["an ack may pass what is not confirmed", "upTo: agent.confirmedEnd,", "upTo: agent.received,"],
  [
    "confirmed numbers are acked over a gap",
    "return { ...agent, confirmedEnd, confirmed }",
    "return { ...agent, confirmedEnd: to, confirmed }"
  ],
  [
    "the number decides what is a duplicate",
    "if (RecentIds.has(agent.seen, arrival.deliveryId)) return observeAgain(agent, arrival, book)",
    "if (arrival.seq <= agent.received) return observeAgain(agent, arrival, book)"
  ],
  [
    "what lies beyond a hole is surfaced at once",
    "if (arrival.seq === agent.received + 1) return surfaceFrom(agent, arrival)",
    "if (arrival.seq > agent.received) return surfaceFrom(agent, arrival)"
  ],
  [
    "a repeated live frame closes a hole",
    "if (replay <= held.replay || !isCovered(book, agent)) return [agent, [duplicate]]",
    "if (!isCovered(book, agent)) return [agent, [duplicate]]"
  ],
  [
    "a replay that began while the agent was away closes a hole",
    "put(book, { ...agent, coveredFrom: book.replay + 1 })",
    "put(book, { ...agent, coveredFrom: 1 })"
  ],
  [
    "a refused frame is a hole",
    "if (first === undefined || first > limit || refusedBelow(next, first)) return [next, decisions]",
    "if (first === undefined || first > limit) return [next, decisions]"
  ],
  [
    "what follows a refused frame is held",
    "if (refusedBelow(agent, arrival.seq) || HashMap.size(agent.beyond) >= heldLimit)",
    "if (HashMap.size(agent.beyond) >= heldLimit)"
  ],
  ["all room is for held frames", "|| HashMap.size(agent.beyond) >= heldLimit)", ")"],
  [
    "a refused frame counts as seen",
    "{ ...agent, wantsReplay: true, refused:",
    "{ ...agent, seen: RecentIds.add(agent.seen, arrival.deliveryId), wantsReplay: true, refused:"
  ],
  [
    "seq 0 moves the cursor",
    "if (agent === undefined || o.seq === 0) return [book, []]",
    "if (agent === undefined) return [book, []]"
  ],
  [
    "settling starts at the first frame seen",
    "const cursor = Math.min(first, agent.refused[0]?.[0] ?? first) - 1",
    "const cursor = (agent.refused[0]?.[0] ?? first) - 1"
  ],
  [
    "settling does not wait for a replay",
    "return coversSettling(book, agent) ? Math.max(",
    "return agent.agentId !== undefined ? Math.max("
  ],
  [
    "lost acks are repeated for every copy",
    "if (arrival.seq > agent.acked || agent.reAckedIn === replay) return [agent, [duplicate]]",
    "if (arrival.seq > agent.acked) return [agent, [duplicate]]"
  ],
  ["a former owner of a name is still acked", "|| ownerOf(book, agent.name) !== agent.agentId) continue", ") continue"],
  [
    "a new owner of a name is acked at once",
    "ackNotBeforeMillis: changed ? o.nowMillis + identityGraceMillis : agent.ackNotBeforeMillis",
    "ackNotBeforeMillis: agent.ackNotBeforeMillis"
  ],
  ["a restart forgets what was confirmed", "if (seq > from) confirmed = Ranges.add(confirmed, from, seq - 1)", ""]
]

const copy = mkdtempSync(join(tmpdir(), "relay-broker-mutate-"))
const book = join(copy, "src", "delivery", "DeliveryBook.ts")
let survivors = 0
try {
  for (const part of ["src", "test", "vitest.config.ts", "package.json", "tsconfig.json"]) {
    cpSync(join(root, part), join(copy, part), { recursive: true })
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"))
  const text = readFileSync(book, "utf8")
  const run = () =>
    spawnSync(join(root, "node_modules", ".bin", "vitest"), ["run", "test/delivery/DeliveryBook"], {
      cwd: copy,
      encoding: "utf8"
    })
  const sound = run()
  if (sound.status !== 0) throw new Error(`the tests fail without a mutation:\n${sound.stdout}`)
  for (const [rule, from, to] of mutations) {
    // White space is the formatter's: the code is compared without it.
    const pattern = new RegExp(
      from
        .split(/\s+/)
        .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join("\\s+")
    )
    if (!pattern.test(text)) throw new Error(`mutation "${rule}" does not apply any more`)
    writeFileSync(
      book,
      text.replace(pattern, () => to)
    )
    const noticed = run().status !== 0
    writeFileSync(book, text)
    survivors += noticed ? 0 : 1
    process.stdout.write(`${noticed ? "noticed " : "SURVIVED"}  ${rule}\n`)
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  survivors += 1
} finally {
  rmSync(copy, { recursive: true, force: true })
}
process.stdout.write(`${mutations.length - survivors} of ${mutations.length} broken rules were noticed\n`)
process.exit(survivors === 0 ? 0 : 1)
