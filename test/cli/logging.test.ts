import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import { layerLogging, unreadLimitBytes } from "../../src/cli/logging.ts"
import { plain } from "../../src/cli/Paint.ts"
import { logLevel } from "../../src/telemetry/LogRecord.ts"

const logged = (env: Record<string, string>, isTerminal: boolean, body: Effect.Effect<unknown>) => {
  const lines: Array<string> = []
  const logging = layerLogging({ env, isTerminal, write: (text) => lines.push(text) })
  return Effect.map(Effect.provide(body, logging), () => lines)
}

const body = Effect.logWarning("two\nlines", { a: 1 }).pipe(
  Effect.zipRight(Effect.logDebug("hidden")),
  Effect.annotateLogs({ agent: "w 1", n: 9n, token: Redacted.make("at_secret") })
)

describe("logging", () => {
  it.effect("writes one line per record, in the form that suits its reader", () =>
    Effect.gen(function* () {
      const [fmt, ...none] = yield* logged({ RELAY_LOG_FORMAT: "logfmt" }, false, body)
      assert.deepStrictEqual(none, [])
      assert.strictEqual(
        fmt,
        'time=1970-01-01T00:00:00.000Z level=warn message="two\\nlines {\\"a\\":1}" agent="w 1" n=9 token="<redacted>"\n'
      )
      const [pretty = ""] = yield* logged({}, true, body)
      assert.match(
        plain(pretty),
        /^\d\d:\d\d:\d\d\.000 WARN {2}two lines \{"a":1\} agent="w 1" n=9 token="<redacted>"\n$/
      )
      const [json = ""] = yield* logged({}, false, body)
      const record = JSON.parse(json)
      assert.deepStrictEqual([record.level, record.message, record.agent], ["warn", 'two\nlines {"a":1}', "w 1"])
      assert.strictEqual(json.trim().split("\n").length, 1)
    })
  )

  it.effect("keeps a cause with its record", () =>
    Effect.gen(function* () {
      const failed = Effect.logError("it died", Cause.die(new Error("why")))
      const [fmt = ""] = yield* logged({ RELAY_LOG_FORMAT: "logfmt" }, false, failed)
      assert.match(fmt, /^time=\S+ level=error message="it died" cause="Error: why/)
      assert.strictEqual(fmt.trim().split("\n").length, 1)
      const [pretty = ""] = yield* logged({}, true, failed)
      assert.match(plain(pretty), /ERROR it died\n {2}Error: why\n/)
    })
  )

  it("takes its level from the environment", () => {
    const of = (env: Record<string, string>) => logLevel(env)._tag
    assert.deepStrictEqual(
      [
        of({}),
        of({ RELAY_LOG_LEVEL: "DEBUG" }),
        of({ RUST_LOG: "hyper=trace,warn,relay=debug" }),
        of({ RELAY_LOG_LEVEL: "error", RUST_LOG: "trace" }),
        of({ RELAY_LOG_LEVEL: "loud" }),
        of({ RELAY_LOG_LEVEL: "debug", AGENT_RELAY_BROKER_LOG: " Off " }),
        of({ AGENT_RELAY_BROKER_LOG: "stderr" })
      ],
      [
        LogLevel.Info,
        LogLevel.Debug,
        LogLevel.Warning,
        LogLevel.Error,
        LogLevel.Info,
        LogLevel.None,
        LogLevel.Info
      ].map(({ _tag }) => _tag)
    )
    for (const value of ["off", "none", "0", "false", "no"])
      assert.strictEqual(of({ AGENT_RELAY_BROKER_LOG: value }), "None")
  })

  it.effect("shows no credential, wherever it stands", () =>
    Effect.gen(function* () {
      const token = "nt_live_0123456789abcdef"
      const leaky = Effect.logError(`bad ${token}`, Cause.die(new Error(`why ${token}`))).pipe(
        Effect.annotateLogs({ url: `ws://engine?token=${token}` })
      )
      for (const env of [{}, { RELAY_LOG_FORMAT: "logfmt" }, { RELAY_LOG_FORMAT: "pretty" }]) {
        const [line = ""] = yield* logged(env, false, leaky)
        assert.strictEqual(line.split("nt_<redacted>").length, 4)
        assert.notInclude(line, "0123456789abcdef")
      }
    })
  )

  it.effect("can go to the file only, or be silent", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* logged({ AGENT_RELAY_BROKER_LOG: "off" }, false, Effect.logFatal("x")), [])
      assert.deepStrictEqual(yield* logged({ AGENT_RELAY_BROKER_LOG: "file" }, false, Effect.logFatal("x")), [])
      assert.lengthOf(yield* logged({ AGENT_RELAY_BROKER_LOG: "stderr" }, false, Effect.logFatal("x")), 1)
    })
  )

  it.effect("drops lines while nobody reads, says how many when somebody does, and none for a reader who is slow", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      let unread = unreadLimitBytes
      const logging = layerLogging({
        env: { RELAY_LOG_FORMAT: "logfmt" },
        isTerminal: false,
        write: (text) => lines.push(text),
        unreadBytes: () => unread
      })
      yield* Effect.gen(function* () {
        yield* Effect.logInfo("slow")
        unread += 1
        yield* Effect.logInfo("lost")
        yield* Effect.logError("lost too")
        unread = 0
        yield* Effect.logInfo("read")
        yield* Effect.logInfo("read too")
      }).pipe(Effect.provide(logging))
      const messages = lines.map((text) => [...text.matchAll(/message=("[^"]*"|\S+)/g)].map(([, message]) => message))
      assert.deepStrictEqual(messages, [
        ["slow"],
        ['"2 log records dropped: stderr was not read"', "read"],
        ['"read too"']
      ])
    })
  )
})
