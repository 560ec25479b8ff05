/**
 * What every channel must do, whatever program is behind it: put a batch in, prove it, steer, tell the state, tell what it asks.
 * A subject is a hosted agent whose program records the turns it was given; `advance` lets it work.
 */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Asking, ChannelName } from "../../src/domain/Receipt.ts"
import { messageIdsIn } from "../../src/harness/Channel.ts"
import type { InjectionItem, Worker } from "../../src/injection/Worker.ts"
import * as workers from "../workers/rig.ts"

export interface Subject {
  /** Idle, at its composer. */
  readonly worker: Worker
  /** Texts of the turns that were begun, and of what came into one, in order. */
  readonly turns: () => ReadonlyArray<string>
  /** Everything that can happen within this time has happened. */
  readonly advance: (millis: number) => Effect.Effect<void>
  /** The next turn runs until `endTurn`. */
  readonly holdTurns: Effect.Effect<void>
  readonly endTurn: Effect.Effect<void>
  readonly ask: (what: Asking) => Effect.Effect<void>
  readonly answer: Effect.Effect<void>
}

export interface Conformance<R> {
  readonly channel: ChannelName
  /** The program takes a message into its running turn; false: it is interrupted for it. */
  readonly steersInto: boolean
  readonly subject: Effect.Effect<Subject, unknown, R>
  readonly provide: <A, E>(body: Effect.Effect<A, E, R>) => Effect.Effect<A, E>
}

const idsOf = (turns: ReadonlyArray<string>) => turns.flatMap((turn) => [...messageIdsIn(turn)])
const idOf = ({ delivery }: InjectionItem): string => delivery.message.id

export const conformance = <R>({ channel, provide, steersInto, subject }: Conformance<R>): void => {
  const test = (title: string, body: (subject: Subject) => Effect.Effect<void, unknown, R>) =>
    it.effect(`${channel}: ${title}`, () => provide(Effect.flatMap(subject, body)))
  const named = (sent: workers.Sent) =>
    Effect.map(sent.outcomeNow, (outcome) => (outcome?._tag === "Submitted" ? outcome.channel : outcome?._tag))

  test("one message is one turn, whole, and its receipt names the channel", ({ advance, turns, worker }) =>
    Effect.gen(function* () {
      const text = "first line\n\tsecond @file and $HOME, ends in \\"
      const sent = yield* workers.send(worker, { text })
      yield* advance(3_000)
      assert.lengthOf(turns(), 1)
      assert.include(turns()[0], `]: ${text}`)
      assert.strictEqual(yield* named(sent), channel)
    }))

  test("a batch goes in together, in order, each with a receipt of its own", ({ advance, turns, worker }) =>
    Effect.gen(function* () {
      const sent = [yield* workers.send(worker), yield* workers.send(worker), yield* workers.send(worker)]
      yield* advance(20_000)
      assert.deepStrictEqual(
        idsOf(turns()),
        sent.map(({ item }) => idOf(item))
      )
      for (const each of sent) assert.strictEqual(yield* named(each), channel)
    }))

  test("`wait` waits for the end of a turn, however long that takes", ({
    advance,
    endTurn,
    holdTurns,
    turns,
    worker
  }) =>
    Effect.gen(function* () {
      yield* holdTurns
      yield* workers.send(worker)
      yield* advance(3_000)
      const waits = yield* workers.send(worker)
      yield* advance(3_600_000)
      assert.lengthOf(turns(), 1)
      assert.strictEqual((yield* worker.status).waiting, "busy")
      yield* endTurn
      yield* advance(3_000)
      assert.strictEqual(yield* named(waits), channel)
    }))

  test("`steer` comes into a running turn, or breaks it off", ({ advance, endTurn, holdTurns, turns, worker }) =>
    Effect.gen(function* () {
      yield* holdTurns
      yield* workers.send(worker)
      yield* advance(3_000)
      const steer = yield* workers.send(worker, { mode: "steer" })
      yield* advance(3_000)
      assert.include(idsOf(turns()), idOf(steer.item))
      assert.strictEqual(yield* named(steer), channel)
      assert.isTrue(steersInto || turns().length === 2)
      yield* endTurn
    }))

  test("while it asks nothing is put in, and what it asks is told; it goes on by itself", (of) =>
    Effect.gen(function* () {
      const { advance, answer, ask, turns, worker } = of
      yield* ask("permission")
      yield* advance(5_000)
      const sent = yield* workers.send(worker)
      yield* advance(3_600_000)
      assert.deepStrictEqual(turns(), [])
      const status = yield* worker.status
      assert.strictEqual(status.waiting, "asking")
      assert.isDefined(status.asking)
      yield* answer
      yield* advance(3_000)
      assert.isUndefined((yield* worker.status).asking)
      assert.strictEqual(yield* named(sent), channel)
    }))
}
