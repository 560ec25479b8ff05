import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { UnknownWorker } from "../../src/domain/Errors.ts"
import { AgentName, DeliveryId } from "../../src/domain/Ids.ts"
import { letterOf, notYet, traceOf } from "../api/data.ts"
import { apiKey, makeRig } from "../api/rig.ts"
import { runCli } from "./terminal.ts"

const makeShell = Effect.gen(function* () {
  const rig = yield* makeRig()
  const env = { RELAY_BROKER_URL: rig.url, RELAY_BROKER_API_KEY: apiKey }
  return { ...rig, cli: (...words: ReadonlyArray<string>) => runCli(words, { env }) }
})

describe("deliveries", () => {
  it.scopedLive("lists what it was asked for", () =>
    Effect.gen(function* () {
      const { ask, cli, script } = yield* makeShell
      script.traces = [
        traceOf("d3", { ...notYet, state: "waiting" }, "not_ready"),
        traceOf("d2"),
        traceOf("d1", { agent: AgentName.make("show") })
      ]
      const list = yield* cli("deliveries")
      assert.deepStrictEqual([list.code, list.err], [0, ""])
      assert.strictEqual(
        list.out,
        [
          "TIME                      AGENT  FROM → TO         STATE    WAITS FOR, SEEN  ID",
          "1970-01-01T00:00:01.000Z  w1     alice → #general  waiting  not ready        d3",
          "1970-01-01T00:00:01.000Z  w1     alice → #general  acked    echo             d2",
          "1970-01-01T00:00:01.000Z  show   alice → #general  acked    echo             d1",
          ""
        ].join("\n")
      )
      assert.match((yield* cli("deliveries", "--limit", "1", "--agent=w1")).out, /^TIME.*\n.* d3\n$/)
      // The name of an agent is no subcommand.
      assert.match((yield* cli("deliveries", "--agent", "show")).out, /^TIME.*\n.* d1\n$/)
      assert.strictEqual((yield* cli("deliveries", "--agent", "a&limit=9 b")).out, "no deliveries\n")
      const json = JSON.parse((yield* cli("deliveries", "--json")).out)
      assert.deepStrictEqual(json, (yield* ask("GET", "/api/deliveries")).body)
    })
  )

  it.scopedLive("show: every step, what it waits for, and its text", () =>
    Effect.gen(function* () {
      const { ask, cli, script } = yield* makeShell
      script.traces = [traceOf("d1", { ...notYet, state: "waiting" }, "asking"), traceOf("d0")]
      const one = yield* cli("deliveries", "show", "d1")
      assert.deepStrictEqual([one.code, one.err], [0, ""])
      assert.match(
        one.out,
        /\nreceived {2}1970-01-01T00:00:01\.000Z\n\nwaiting for \d+ d \d+ h: asking\n {2}The program waits/
      )
      assert.match(one.out, /\n\n {2}text of d1\n$/)
      const all = yield* cli("deliveries", "show", "msg_1")
      assert.include(all.out, "text of d1\n\n-\n\ndelivery  d0\n")
      const json = JSON.parse((yield* cli("deliveries", "show", "d0", "--json")).out)
      assert.deepStrictEqual(json, (yield* ask("GET", "/api/deliveries/d0")).body)
      assert.deepStrictEqual(yield* cli("deliveries", "show", "gh/ost"), {
        code: 1,
        out: "",
        err: "relay-broker: no delivery and no message 'gh/ost'; see `relay-broker deliveries`\n"
      })
    })
  )
})

describe("dead-letters", () => {
  it.scopedLive("lists them and shows one", () =>
    Effect.gen(function* () {
      const { ask, cli, script } = yield* makeShell
      const raw = '{"seq":4}'
      script.deadLetters = [
        letterOf("d2", { redeliveredAs: DeliveryId.make("d9") }),
        letterOf("d1", { reason: "undecodable", message: undefined, messageId: undefined, raw })
      ]
      const list = yield* cli("dead-letters")
      assert.strictEqual(
        list.out,
        [
          "TIME                      AGENT  FROM → TO         REASON         SENT AGAIN AS  ID",
          "1970-01-01T00:00:01.000Z  w1     alice → #general  worker exited  d9             d2",
          "1970-01-01T00:00:01.000Z  w1     -                 undecodable    -              d1",
          ""
        ].join("\n")
      )
      assert.strictEqual(
        (yield* cli("dead-letters", "show", "d2")).out,
        [
          "delivery  d2",
          "message   msg_1",
          "agent     w1 (agent_1, number 4)",
          "from      alice → #general",
          "given up  1970-01-01T00:00:01.000Z: worker exited",
          "again as  d9",
          "  The program ended before the message was submitted.",
          "",
          "  text of d2",
          ""
        ].join("\n")
      )
      assert.include((yield* cli("dead-letters", "show", "d1")).out, `\n\n  ${raw}\n`)
      for (const [words, path] of [
        [["dead-letters"], "/api/dead-letters"],
        [["dead-letters", "show", "d1"], "/api/dead-letters/d1"]
      ] as const) {
        assert.deepStrictEqual(JSON.parse((yield* cli(...words, "--json")).out), (yield* ask("GET", path)).body)
      }
      const ghost = yield* cli("dead-letters", "show", "ghost")
      assert.deepStrictEqual(
        [ghost.code, ghost.err],
        [1, "relay-broker: no dead letter 'ghost'; see `relay-broker dead-letters`\n"]
      )
      script.deadLetters = []
      assert.strictEqual((yield* cli("dead-letters")).out, "no dead letters\n")
    })
  )

  it.scopedLive("redeliver: the named, whatever becomes of the others", () =>
    Effect.gen(function* () {
      const { cli, script, seen } = yield* makeShell
      script.deadLetters = [letterOf("d1"), letterOf("d/2")]
      const known = yield* cli("dead-letters", "redeliver", "d1", "d/2", "d1")
      assert.deepStrictEqual(known, {
        code: 0,
        out: "d1 sent again as again_d1\nd/2 sent again as again_d/2\n",
        err: ""
      })
      assert.deepStrictEqual(seen.redelivered, ["d1", "d/2"])
      const mixed = yield* cli("dead-letters", "redeliver", "ghost", "d1", "--json")
      assert.deepStrictEqual(
        [mixed.code, JSON.parse(mixed.out)],
        [1, [{ success: true, delivery_id: "again_d1", redelivered_from: "d1" }]]
      )
      assert.strictEqual(
        mixed.err,
        "relay-broker: not sent again: ghost: no dead letter 'ghost' that can be sent again; see `relay-broker dead-letters` and `relay-broker agents`\n"
      )
      script.redeliver = () => Effect.fail(new UnknownWorker({ agent: "w1" }))
      const none = yield* cli("dead-letters", "redeliver", "a", "b", "c", "d", "e")
      assert.deepStrictEqual([none.code, none.out], [1, ""])
      assert.match(
        none.err,
        /^relay-broker: not sent again: a: unknown worker 'w1'; b: .*; c: .*; and 2 more; see .*\n$/
      )
    })
  )

  it.scopedLive("redeliver --all: oldest first, none twice, none that cannot be", () =>
    Effect.gen(function* () {
      const { cli, script, seen } = yield* makeShell
      script.deadLetters = [
        letterOf("d4"),
        letterOf("d3", { redeliveredAs: DeliveryId.make("d9") }),
        letterOf("d2", { message: undefined }),
        letterOf("d1")
      ]
      const all = yield* cli("dead-letters", "redeliver", "--all")
      assert.strictEqual(all.out, "d1 sent again as again_d1\nd4 sent again as again_d4\n")
      assert.deepStrictEqual(seen.redelivered, ["d1", "d4"])
      script.deadLetters = []
      assert.deepStrictEqual(yield* cli("dead-letters", "redeliver", "--all"), {
        code: 0,
        out: "no dead letters to send again\n",
        err: ""
      })
    })
  )

  it.scopedLive("purge: the named, or all", () =>
    Effect.gen(function* () {
      const { cli, script, seen } = yield* makeShell
      script.deadLetters = ["d1", "d2", "d3", "d4", "d5"].map((id) => letterOf(id))
      assert.deepStrictEqual(yield* cli("dead-letters", "purge", "d1"), {
        code: 0,
        out: "1 dead letter purged\n",
        err: ""
      })
      assert.deepStrictEqual(yield* cli("dead-letters", "purge", "d1", "d2", "ghost"), {
        code: 1,
        out: "1 dead letter purged\n",
        err: "relay-broker: no dead letter 'd1', 'ghost'; see `relay-broker dead-letters`\n"
      })
      assert.deepStrictEqual(JSON.parse((yield* cli("dead-letters", "purge", "d3", "--json")).out), { purged: 1 })
      assert.strictEqual((yield* cli("dead-letters", "purge", "--all")).out, "2 dead letters purged\n")
      assert.strictEqual((yield* cli("dead-letters", "purge", "--all")).out, "no dead letters to purge\n")
      assert.deepStrictEqual(seen.purged, ["d1", "d1", "d2", "ghost", "d3", undefined, undefined])
    })
  )
})

describe("wrong words", () => {
  const table: ReadonlyArray<readonly [string, string]> = [
    ["deliveries d1", "unknown command deliveries d1; see `relay-broker deliveries --help`"],
    ["deliveries shwo d1", "unknown command deliveries shwo; did you mean show?; see `relay-broker deliveries --help`"],
    ["deliveries --json show d1", "unexpected argument 'show'; see `relay-broker deliveries --help`"],
    ["deliveries show d1 d2", "unexpected argument 'd2'; see `relay-broker deliveries show --help`"],
    ["deliveries show --limit 5 d1", "unknown option --limit; see `relay-broker deliveries show --help`"],
    ["deliveries --limit 0", "--limit 0: 1 to 1000; see `relay-broker deliveries --help`"],
    ["deliveries --limit 1001", "--limit 1001: 1 to 1000; see `relay-broker deliveries --help`"],
    [
      "deliveries --limit many",
      "option --limit needs a whole number, not 'many'; see `relay-broker deliveries --help`"
    ],
    [
      "dead-letters redeliver",
      "name the dead letters to send again, or say --all; see `relay-broker dead-letters redeliver --help`"
    ],
    [
      "dead-letters purge",
      "name the dead letters to purge, or say --all; see `relay-broker dead-letters purge --help`"
    ],
    ["dead-letters purge d1 --all", "ids and --all exclude each other; see `relay-broker dead-letters purge --help`"],
    [
      "dead-letters purge=",
      "unknown command dead-letters purge=; did you mean purge?; see `relay-broker dead-letters --help`"
    ]
  ]
  it.effect.each(table)("%s", ([words, sentence]) =>
    Effect.map(runCli(words.split(" ")), (outcome) =>
      assert.deepStrictEqual(outcome, { code: 2, out: "", err: `relay-broker: ${sentence}\n` })
    )
  )

  it.effect("an id that is missing or empty", () =>
    Effect.gen(function* () {
      const missing = yield* runCli(["deliveries", "show"])
      assert.strictEqual(missing.code, 2)
      assert.match(missing.err, /^relay-broker: .*; see `relay-broker deliveries show --help`\n$/)
      const empty = yield* runCli(["dead-letters", "purge", ""])
      assert.deepStrictEqual(
        [empty.code, empty.err],
        [2, "relay-broker: an id is empty; see `relay-broker dead-letters purge --help`\n"]
      )
    })
  )
})

describe("help", () => {
  it.effect("a command's page names its subcommands, each has one of its own", () =>
    Effect.gen(function* () {
      const page = yield* runCli(["dead-letters", "--help"])
      assert.strictEqual(page.code, 0)
      assert.include(page.out, "Usage\n  relay-broker dead-letters [options]\n")
      assert.include(page.out, "\n  relay-broker dead-letters redeliver [options] [id…]\n")
      assert.match(page.out, /\nCommands\n {2}dead-letters show {2,}Show a dead letter/)
      const own = yield* runCli(["dead-letters", "redeliver", "d1", "--help"])
      assert.match(own.out, /^Send dead letters again(.*\n)*Options\n {2}--all {2,}Every one/)
      assert.deepStrictEqual(yield* runCli(["help", "dead-letters", "redeliver"]), own)
      assert.deepStrictEqual(yield* runCli(["help", "dead-letters"]), page)
    })
  )

  it.effect("completions know them", () =>
    Effect.gen(function* () {
      const { code, out } = yield* runCli(["--completions", "fish"])
      assert.strictEqual(code, 0)
      assert.include(out, "redeliver")
      assert.include(out, "dead-letters")
    })
  )
})
