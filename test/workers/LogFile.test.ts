import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import * as TestServices from "effect/TestServices"
import * as LogFile from "../../src/workers/LogFile.ts"

const place = Effect.acquireRelease(
  Effect.sync(() => join(mkdtempSync(join(tmpdir(), "relay-broker-log-")), "logs", "ada.log")),
  (path) => Effect.sync(() => rmSync(join(path, "..", ".."), { recursive: true, force: true }))
)
/** The disk has a clock of its own. */
const contentIs = (path: string, expected: string) =>
  Effect.suspend(() =>
    existsSync(path) && readFileSync(path, "utf8") === expected ? Effect.void : Effect.fail("not yet" as const)
  ).pipe(Effect.retry(Schedule.spaced("5 millis")), TestServices.provideLive)

it.scoped("what was appended is in the file a moment later, in order, readable by its user only", () =>
  Effect.gen(function* () {
    const path = yield* place
    const log = yield* LogFile.open(path)
    log.unsafeAppend("one ", 0)
    log.unsafeAppend("two ", 10)
    yield* TestClock.adjust(100)
    yield* contentIs(path, "one two ")
    log.unsafeAppend("three", 150)
    yield* TestClock.adjust(150)
    yield* contentIs(path, "one two three")
    assert.strictEqual(statSync(path).mode & 0o777, 0o600)
  })
)

it.scoped("much output does not wait for the moment to pass", () =>
  Effect.gen(function* () {
    const path = yield* place
    const log = yield* LogFile.open(path)
    const much = "x".repeat(64 * 1024)
    log.unsafeAppend("before ", 0)
    log.unsafeAppend(much, 0)
    yield* contentIs(path, `before ${much}`)
  })
)

it.scoped("closing writes what was collected, and nothing comes after it", () =>
  Effect.gen(function* () {
    const path = yield* place
    const log = yield* LogFile.open(path)
    log.unsafeAppend("the last words", 0)
    yield* log.close
    log.unsafeAppend("too late", 0)
    yield* TestClock.adjust(1_000)
    assert.strictEqual(readFileSync(path, "utf8"), "the last words")
  })
)
