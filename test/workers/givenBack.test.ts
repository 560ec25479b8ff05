/** A message that a program had in its queue and gave back, through a channel that needs no keys. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as TestClock from "effect/TestClock"
import type { Batch, Signal } from "../../src/harness/Channel.ts"
import { gemini } from "../../src/harness/gemini/screen.ts"
import { commandLinesOnly, type Launcher } from "../../src/harness/Launcher.ts"
import * as rig from "./rig.ts"

interface Program {
  readonly given: Array<Batch>
  tell: (signal: Signal) => void
  readonly launcher: Launcher
}

/** A launcher whose programs take messages by a call, and say what the test makes them say. */
const makeProgram = (): Program => {
  const program: Program = {
    given: [],
    tell: () => {},
    launcher: {
      ...commandLinesOnly,
      launch: ({ environment, line: commandLine, resumed, spec }) => {
        const attach = (_: unknown, tell: (signal: Signal) => void) =>
          Effect.sync(() => {
            program.tell = tell
            tell({ _tag: "State", state: { _tag: "Idle" } })
            return { name: "server" as const, put: (batch: Batch) => Effect.sync(() => void program.given.push(batch)) }
          })
        const channel = { name: "server" as const, opened: Either.right({ launch: {}, attach }) }
        return Effect.succeed({ commandLine, environment, spec, resumed, channel })
      }
    }
  }
  return program
}

const taken = ({ id }: Batch): Signal => ({ _tag: "Taken", which: { id }, proof: "taken_with_id" })

describe("a message that a program gave back", () => {
  const program = makeProgram()
  it.scoped("goes in again, once, and is proven then", () =>
    Effect.gen(function* () {
      const { worker } = yield* rig.startFake(rig.specOf("a"), rig.silent)
      const sent = yield* rig.send(worker, { text: "hello" })
      yield* rig.settle
      const [first] = program.given
      assert.include(first?.text, "hello")
      if (first === undefined) return
      program.tell({ _tag: "Queued", which: { id: first.id } })
      program.tell({ _tag: "Returned", which: { id: first.id } })
      yield* TestClock.adjust("1 seconds")
      yield* rig.settle
      const second = program.given[1]
      assert.include(second?.text, "hello")
      assert.notStrictEqual(second?.id, first.id)
      assert.isUndefined(yield* sent.outcomeNow)
      if (second !== undefined) program.tell(taken(second))
      rig.assertSubmitted(yield* sent.outcome, "taken_with_id")
      assert.lengthOf(program.given, 2)
    }).pipe(Effect.provide(rig.fakeLayer({ launcher: program.launcher })))
  )

  const other = makeProgram()
  it.scoped("one that is only queued stays where it is", () =>
    Effect.gen(function* () {
      const { worker } = yield* rig.startFake(rig.specOf("a"), rig.silent)
      const sent = yield* rig.send(worker, { text: "hello" })
      yield* rig.settle
      const [first] = other.given
      if (first === undefined) return assert.fail("nothing went in")
      other.tell({ _tag: "Queued", which: { id: first.id } })
      yield* rig.settle
      assert.lengthOf(other.given, 1)
      other.tell(taken(first))
      rig.assertSubmitted(yield* sent.outcome, "taken_with_id")
    }).pipe(Effect.provide(rig.fakeLayer({ launcher: other.launcher })))
  )
})

describe("gemini's @", () => {
  const escape = gemini.escape ?? ((text: string) => text)
  it("is a sign, not a path, wherever it stands; one that is escaped stays so", () => {
    assert.strictEqual(escape("@bob a@b.com \\@x end@"), "\\@bob a\\@b.com \\@x end\\@")
    assert.strictEqual(escape("nothing of it"), "nothing of it")
  })
})
