/** How the agents' programs behave: what they show, how they read, when they end. Without a terminal behind them. */
import * as Effect from "effect/Effect"
import type { FakeProcess, FakeProgram } from "../../src/testing/FakePty.ts"
import type { Dice } from "./Dice.ts"
import type { ProgramKind } from "./Plan.ts"
import { pass } from "./pass.ts"
import type { Terminal } from "./Terminal.ts"

export const programKinds: ReadonlyArray<ProgramKind> = [
  "echo",
  "mute",
  "silent",
  "slow",
  "stalling",
  "dying",
  "fragile",
  "stubborn",
  "chatty"
]

const echoOf = (text: string) => text.replaceAll("\r", "\r\n")

type Behaviour = (o: {
  readonly process: FakeProcess
  readonly dice: Dice
  /** Ends the program by itself. */
  readonly exit: (exitCode: number) => Effect.Effect<void>
}) => {
  readonly onWrite: (text: string) => Effect.Effect<void>
  readonly life: Effect.Effect<void>
}

const echoing: Behaviour = ({ process }) => ({
  onWrite: (text) => process.emit(echoOf(text)),
  life: process.emit("> ")
})

const behaviours: Record<ProgramKind, Behaviour> = {
  echo: echoing,
  mute: ({ process }) => ({ onWrite: () => Effect.void, life: process.emit("ready$ ") }),
  silent: () => ({ onWrite: () => Effect.void, life: Effect.void }),
  slow: ({ dice, process }) => ({
    onWrite: (text) => Effect.delay(process.emit(echoOf(text)), dice.between(20, 3_000)),
    life: Effect.delay(process.emit("> "), dice.between(0, 1_500))
  }),
  stalling: (o) => ({
    ...echoing(o),
    life: Effect.zipRight(
      o.process.emit("> "),
      Effect.suspend(() =>
        pass(o.dice.between(100, 10_000)).pipe(
          Effect.zipRight(o.process.stopReading),
          Effect.zipRight(pass(o.dice.between(100, 40_000))),
          Effect.zipRight(o.process.readAgain)
        )
      ).pipe(Effect.repeatN(8))
    )
  }),
  dying: (o) => ({
    ...echoing(o),
    life: Effect.zipRight(o.process.emit("> "), Effect.delay(o.exit(1), o.dice.between(10, 40_000)))
  }),
  /** Ends in the worst moments: with the text and no Enter, or with the Enter and no sign of it. */
  fragile: (o) => ({
    onWrite: (text) =>
      Effect.suspend(() =>
        o.dice.chance(text === "\r" ? 0.15 : 0.1) ? o.exit(o.dice.between(0, 1)) : o.process.emit(echoOf(text))
      ),
    life: o.process.emit("> ")
  }),
  stubborn: (o) => ({
    ...echoing(o),
    life: Effect.zipRight(o.process.ignoreSignals("SIGTERM", "SIGHUP"), o.process.emit("> "))
  }),
  chatty: (o) => ({
    ...echoing(o),
    life: o.process
      .emit("\x1b[?2004hwelcome\r\n> ")
      .pipe(
        Effect.zipRight(
          o.process.emit("thinking about it \x1b[2m...\x1b[0m\r\n").pipe(Effect.delay(250), Effect.repeatN(60))
        )
      )
  })
}

/** The program of one kind, which lets `open` look at each of its processes first. */
export const programOf =
  (
    kind: ProgramKind,
    open: (process: FakeProcess) => { readonly terminal: Terminal; readonly dice: Dice }
  ): FakeProgram =>
  (process) =>
    Effect.suspend(() => {
      const { dice, terminal } = open(process)
      const exit = (exitCode: number) => Effect.zipRight(Effect.sync(terminal.end), process.exit({ exitCode }))
      const { life, onWrite } = behaviours[kind]({ process, dice, exit })
      return process
        .onWrite((text) => Effect.zipRight(Effect.sync(terminal.look), onWrite(text)))
        .pipe(Effect.zipRight(life))
    })
