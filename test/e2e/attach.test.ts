/**
 * `attach` in a real terminal: the program in a pseudo-terminal of ours, and the emulator as the person who looks. A shell
 * around it says its exit code and how it left the terminal.
 */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { HeadlessScreen } from "../../src/pty/HeadlessScreen.ts"
import { NodePty } from "../../src/pty/NodePty.ts"
import { Pty } from "../../src/pty/Pty.ts"
import { Screen } from "../../src/pty/Screen.ts"
import { textOf } from "../../src/pty/ScreenView.ts"
import type { BrokerProcess } from "../../src/testing/BrokerProcess.ts"
import { eventually, makeWorld, program } from "./rig.ts"

const layer = Layer.mergeAll(NodePty.layer, HeadlessScreen.layer)

/** A terminal of 100 × 20 with `attach` in it. */
const attached = (broker: BrokerProcess, home: string, ...words: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const command = [process.execPath, program, "attach", ...words].join(" ")
    const terminal = yield* Effect.flatMap(Pty, (pty) =>
      pty.spawn({
        command: "sh",
        args: ["-c", `${command}; echo "code $?"; stty -a | grep -o -- '-*icanon'; sleep 60`],
        ...{ cwd: home, cols: 100, rows: 20 },
        env: {
          PATH: process.env["PATH"] ?? "",
          TERM: "xterm-256color",
          RELAY_BROKER_URL: broker.url,
          RELAY_BROKER_API_KEY: broker.apiKey
        }
      })
    )
    const screen = yield* Effect.flatMap(Screen, (port) => port.open({ cols: 100, rows: 20, onReply: () => {} }))
    yield* Effect.forkScoped(
      Effect.forever(
        Effect.map(terminal.output.takeAll, ([chunks]) => {
          for (const chunk of chunks) screen.unsafeWrite(chunk)
        })
      )
    )
    const text = () => textOf(screen.view()).join("\n")
    return {
      text,
      /** The picture once it shows this. */
      shows: (wanted: string | RegExp) =>
        eventually(
          () => (typeof wanted === "string" ? text().includes(wanted) : wanted.test(text())) && text(),
          () => `${wanted} on ${JSON.stringify(text())}`
        ),
      type: (keys: string) => Effect.orDie(terminal.write(keys)),
      isAlternate: () => screen.view().modes.alternate,
      modes: () => screen.view().modes,
      resize: (cols: number, rows: number) =>
        Effect.suspend(() => {
          screen.unsafeResize(cols, rows)
          return Effect.orDie(terminal.resize(cols, rows))
        }),
      /** `attach` itself, below the shell. */
      pid: () => Number(readFileSync(`/proc/${terminal.pid}/task/${terminal.pid}/children`, "latin1").split(" ")[0])
    }
  })

const world = Effect.gen(function* () {
  const made = yield* makeWorld()
  const spawn = (name: string, ...args: ReadonlyArray<string>) =>
    made.broker.expect("POST", "/api/spawn", { name, cli: "sh", args, channels: ["general"] })
  const modeOf = (name: string) =>
    Effect.map(
      made.broker.expect("GET", `/api/spawned/${name}/delivery-mode`),
      (body) => (body as { mode: string }).mode
    )
  /** Once the agent's own terminal has that size. */
  const sizeOf = (name: string, cols: number, rows: number) =>
    Effect.map(
      made.broker.expect("GET", `/api/spawned/${name}/snapshot`),
      (body) => body as { cols: number; rows: number }
    ).pipe(
      Effect.repeat({ until: (seen) => seen.cols === cols && seen.rows === rows, schedule: Schedule.spaced(20) }),
      Effect.timeout("15 seconds")
    )
  return { ...made, spawn, modeOf, sizeOf }
})

const test = (title: string, body: Effect.Effect<void, unknown, Pty | Screen | Scope.Scope>) =>
  it.scopedLive(title, () => Effect.provide(body, layer), 60_000)

const cooked = /(^|[\s;])icanon/

describe("attach", () => {
  test(
    "--view shows what is there and what comes, and leaves the terminal as it was",
    Effect.gen(function* () {
      const { broker, home, spawn } = yield* world
      yield* spawn(
        "w",
        "-c",
        "printf 'before 語\\033[1;31mred'; read x; printf '\\033[?1000h\\033[?2004hlater'; sleep 60"
      )
      const viewer = yield* attached(broker, home, "w")
      assert.match(yield* viewer.shows("before 語red"), / w │ view │ 220×50, cropped/)
      yield* broker.expect("POST", "/api/input/w", { data: "\n" })
      yield* viewer.shows("later")
      assert.isTrue(viewer.isAlternate())
      assert.isFalse(viewer.modes().bracketedPaste) // a viewer's keys are its own
      yield* viewer.type("q")
      assert.match(yield* viewer.shows("code 0"), /detached from 'w'/)
      yield* viewer.shows(cooked)
      assert.isFalse(viewer.isAlternate())
    })
  )

  test(
    "--drive types, holds messages, follows the size, and puts the mode back when it is killed",
    Effect.gen(function* () {
      const { broker, engine, home, modeOf, recorder, sizeOf, spawn } = yield* world
      yield* broker.expect("POST", "/api/spawn", recorder.spec("r", "--echo", "--paste"))
      yield* spawn("s", "-i")
      const driver = yield* attached(broker, home, "r", "--drive")
      yield* driver.shows("r │ drive │ 0 held")
      assert.strictEqual(yield* modeOf("r"), "manual_flush")
      assert.isTrue(driver.modes().bracketedPaste)
      yield* engine.send({ from: "alice", to: "r", text: "held back" })
      yield* driver.shows("1 held")
      yield* driver.type("typed ü")
      yield* eventually(() => recorder.text("r").includes("typed ü"), "what was typed arrives")
      assert.notInclude(recorder.text("r"), "held back")
      yield* driver.type("\x1df")
      yield* eventually(() => recorder.text("r").includes("held back"), "flushed")
      yield* driver.shows("0 held")
      process.kill(driver.pid(), "SIGTERM")
      yield* driver.shows("code 143")
      yield* driver.shows(cooked)
      assert.isFalse(driver.isAlternate())
      assert.isFalse(driver.modes().bracketedPaste)
      assert.strictEqual(yield* modeOf("r"), "auto_inject")

      const shell = yield* attached(broker, home, "s", "--drive")
      yield* shell.shows("s │ drive")
      yield* shell.resize(70, 12)
      yield* sizeOf("s", 70, 11)
      yield* shell.type("stty size\r")
      yield* shell.shows("11 70")
      yield* shell.type("exit 3\r")
      assert.match(yield* shell.shows("code 0"), /'s' has ended: exit code 3/)
    })
  )

  test(
    "--passthrough: nothing is injected while a person types, and nothing is mixed",
    Effect.gen(function* () {
      const { broker, engine, home, recorder } = yield* world
      yield* broker.expect("POST", "/api/spawn", recorder.spec("r", "--echo"))
      const person = yield* attached(broker, home, "r", "--passthrough")
      yield* person.shows("r │ passthrough")
      yield* person.type("half a")
      yield* eventually(() => recorder.text("r").includes("half a"), "typed")
      yield* engine.send({ from: "alice", to: "r", text: "from alice" })
      yield* Effect.sleep("1 second")
      yield* person.type(" sentence\r")
      yield* eventually(() => recorder.text("r").includes("from alice"), "injected afterwards")
      assert.include(recorder.text("r"), "half a sentence\n")
      const typedAt = recorder.readAt("r", " sentence") ?? Number.NaN
      const injectedAt = recorder.readAt("r", "from alice") ?? Number.NaN
      assert.isAtLeast(injectedAt - typedAt, 1_900)
    })
  )

  test(
    "a broker that dies is told, and the terminal given back; refusals come before it is touched",
    Effect.gen(function* () {
      const { broker, home, spawn } = yield* world
      const refused = yield* attached(broker, home, "nobody")
      assert.match(yield* refused.shows("code 1"), /no worker named 'nobody'/)
      yield* spawn("w", "-c", "echo here; sleep 60")
      const viewer = yield* attached(broker, home, "w", "--passthrough")
      yield* viewer.shows("here")
      yield* broker.kill("SIGKILL")
      assert.match(yield* viewer.shows("code 1"), /no broker answers at .*: the connection was closed/)
      yield* viewer.shows(cooked)
      assert.isFalse(viewer.isAlternate())
    })
  )
})
