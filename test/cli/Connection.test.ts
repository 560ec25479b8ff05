import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type ConnectionFlags, discover } from "../../src/cli/Connection.ts"
import { Surroundings } from "../../src/cli/Surroundings.ts"

const noFlags: ConnectionFlags = { brokerUrl: undefined, apiKey: undefined, stateDir: undefined }
const fileText = JSON.stringify({ api_key: "br_file", pid: 1, port: 1, url: "http://127.0.0.1:1/" })

const directory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "relay-connection-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true }))
)

const put = (directory: string, text = fileText) =>
  Effect.promise(async () => {
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, "connection.json"), text)
  })

const find = (flags: Partial<ConnectionFlags>, around: { cwd: string; env?: Record<string, string> }) =>
  discover({ ...noFlags, ...flags }).pipe(
    Effect.provideService(Surroundings, { env: {}, write: () => {}, ...around }),
    Effect.map(({ apiKey, url }) => [url, Redacted.value(apiKey)])
  )

describe("discover", () => {
  it.scopedLive("prefers flags to the environment to the file", () =>
    Effect.gen(function* () {
      const cwd = yield* directory
      const env = { RELAY_BROKER_URL: "http://env:2", RELAY_BROKER_API_KEY: "br_env" }
      const flags = { brokerUrl: "http://flag:3", apiKey: Redacted.make("br_flag") }
      assert.deepStrictEqual(yield* find(flags, { cwd, env }), ["http://flag:3", "br_flag"])
      assert.deepStrictEqual(yield* find({}, { cwd, env }), ["http://env:2", "br_env"])
      yield* put(join(cwd, ".agentworkforce", "relay"))
      assert.deepStrictEqual(yield* find({}, { cwd }), ["http://127.0.0.1:1", "br_file"])
      assert.deepStrictEqual(yield* find({ brokerUrl: "http://flag:3/" }, { cwd }), ["http://flag:3", "br_file"])
      assert.deepStrictEqual(yield* find({}, { cwd, env: { RELAY_BROKER_API_KEY: "br_env", RELAY_BROKER_URL: " " } }), [
        "http://127.0.0.1:1",
        "br_env"
      ])
    })
  )

  it.scopedLive("looks in --state-dir, then AGENT_RELAY_STATE_DIR, then here; never at a bare file here", () =>
    Effect.gen(function* () {
      const cwd = yield* directory
      const [flagged, variable] = [join(cwd, "flagged"), join(cwd, "variable")]
      yield* put(cwd)
      const lost = yield* Effect.flip(find({}, { cwd }))
      const expected = join(cwd, ".agentworkforce", "relay", "connection.json")
      assert.strictEqual(lost.message, `no broker found: ${expected}: no such file`)
      yield* put(variable, fileText.replace("br_file", "br_variable"))
      const env = { AGENT_RELAY_STATE_DIR: variable }
      assert.deepStrictEqual((yield* find({}, { cwd, env }))[1], "br_variable")
      yield* put(flagged, fileText.replace("br_file", "br_flagged"))
      assert.deepStrictEqual((yield* find({ stateDir: flagged }, { cwd, env }))[1], "br_flagged")
    })
  )

  it.scopedLive("says what is wrong without showing what it read", () =>
    Effect.gen(function* () {
      const cwd = yield* directory
      for (const text of ["", "br_secret", '{"url":"http://x","api_key":5}', '{"api_key":"br_secret"}']) {
        yield* put(join(cwd, ".agentworkforce", "relay"), text)
        const error = yield* Effect.flip(find({}, { cwd }))
        assert.isTrue(error.message.endsWith("connection.json: not a connection file"), error.message)
        assert.notInclude(JSON.stringify(error), "br_secret")
      }
      const keyless = yield* Effect.flip(
        find({ brokerUrl: "http://127.0.0.1:1", stateDir: join(cwd, "none") }, { cwd })
      )
      assert.match(
        keyless.message,
        /^no key for the broker at http:\/\/127\.0\.0\.1:1: .*none.connection\.json: no such file$/
      )
      assert.include(keyless.wayOut, "--api-key")
      const nowhere = yield* Effect.flip(find({ apiKey: Redacted.make("k"), stateDir: join(cwd, "none") }, { cwd }))
      assert.include(nowhere.message, "no broker found")
      const address = yield* Effect.flip(find({ brokerUrl: "localhost:1", apiKey: Redacted.make("k") }, { cwd }))
      assert.include(address.message, "not an http:// or https:// address")
    })
  )
})
