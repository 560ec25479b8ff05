/** The judge must be able to fail: each of its rules, broken once. */
import { assert, describe, it } from "vitest"
import { AgentName, DeliveryId, MessageId } from "../../src/domain/Ids.ts"
import type { FakeProcess } from "../../src/testing/FakePty.ts"
import { makeHistory } from "./History.ts"
import { type JudgedEngine, makeJudge } from "./Judge.ts"
import { makeTerminal, relayLines } from "./Terminal.ts"

const line = (text: string, mark = "") => `Relay message from alice [ws / ${text.replace(" ", "")}${mark}]: ${text}`

const makeCourt = () => {
  const rows: Array<{ seq: number; deliveryId: string; text: string }> = []
  const engine: JudgedEngine = {
    mailbox: () => rows.map((row) => ({ ...row, state: "queued", msgId: `m${row.seq}` })),
    agent: () => ({ id: "a1", bound: true }),
    cursor: () => 0
  }
  const history = makeHistory({ now: () => 0, traced: true })
  const at = { life: 1 }
  const judge = makeJudge({ engine: () => engine, history, now: () => 0, life: () => at.life })
  const rowState = (seq: number, state: "queued" | "acked") =>
    judge.onEngine({ _tag: "Row", at: 0, agent: "w1", seq, deliveryId: `d${seq}`, msgId: `m${seq}`, state })
  const start = (o: { readonly resumed?: boolean } = {}) => {
    const writes: Array<string> = []
    const process = { writes, signals: [] as Array<string> } as unknown as FakeProcess
    const terminal = makeTerminal({
      ...{ agent: "w1", number: at.life, life: at.life, resumed: o.resumed ?? false, process },
      onSubmit: judge.submitted
    })
    judge.started(terminal)
    const type = (text: string) => {
      writes.push(text, "\r")
      terminal.look()
    }
    return { terminal, type }
  }
  return {
    judge,
    at,
    start,
    row: (seq: number, text: string) => {
      judge.sent(text, { kind: "message", from: "alice", mode: "wait" })
      rows.push({ seq, deliveryId: `d${seq}`, text })
      rowState(seq, "queued")
    },
    acked: (seq: number) => rowState(seq, "acked"),
    ack: (upTo: number) =>
      judge.onEngine({
        ...{ _tag: "FrameIn", at: 0, node: "sim", text: "", rejection: undefined, ignored: false },
        frame: { v: 1, type: "delivery.ack", agent: "w1", up_to_seq: upTo }
      }),
    says: (kind: "message_delivery_confirmed" | "message_delivery_failed", seq: number, text: string) => {
      const ids = { delivery_id: DeliveryId.make(`d${seq}`), event_id: MessageId.make(`m${seq}`) }
      const head = { ...ids, name: AgentName.make("w1"), from: "alice", to: "w1" }
      judge.onBroker(
        { kind: "relay_inbound", ...ids, ...{ from: "alice", target: "w1", body: text } } as never,
        at.life
      )
      judge.onBroker(
        kind === "message_delivery_failed"
          ? { kind, ...head, attempts: 0, lastError: "worker_exited" }
          : { kind, ...head },
        at.life
      )
    }
  }
}

const finds = (court: ReturnType<typeof makeCourt>, pattern: RegExp) =>
  assert.isTrue(
    court.judge.violations.some((violation) => pattern.test(violation)),
    `not found in: ${court.judge.violations.join(" | ")}`
  )

describe("the judge", () => {
  it("has nothing to say about an honest run", () => {
    const court = makeCourt()
    const { type } = court.start()
    court.row(1, "say 1")
    court.row(2, "say 2")
    type(`${line("say 1")}\n${line("say 2")}`)
    court.ack(2)
    court.says("message_delivery_confirmed", 1, "say 1")
    court.acked(1)
    court.acked(2)
    assert.deepStrictEqual(court.judge.violations, [])
    assert.deepStrictEqual(court.judge.lost(new Set()), [])
  })

  it("an ack of what was never typed", () => {
    const court = makeCourt()
    court.row(1, "say 1")
    court.ack(1)
    finds(court, /which it never got/)
    court.acked(1)
    assert.match(court.judge.lost(new Set()).join(), /never got seq 1/)
  })

  it("an ack of what has no Enter yet", () => {
    const court = makeCourt()
    const { terminal } = court.start()
    court.row(1, "say 1")
    ;(terminal.process.writes as Array<string>).push(line("say 1"))
    court.ack(1)
    finds(court, /which it never got/)
  })

  it("an ack beyond the mailbox, and one that falls", () => {
    const court = makeCourt()
    const { type } = court.start()
    court.row(1, "say 1")
    type(line("say 1"))
    court.ack(2)
    finds(court, /beyond its mailbox/)
    court.ack(1)
    finds(court, /falls from 2 to 1/)
  })

  it("a message typed twice, to the wrong place, or out of order", () => {
    const court = makeCourt()
    const { type } = court.start()
    court.row(1, "say 1")
    court.row(2, "say 2")
    type(line("say 2"))
    type(line("say 1"))
    finds(court, /out of order/)
    type(line("say 1"))
    finds(court, /twice in one life/)
    type(line("invented"))
    finds(court, /nobody sent/)
  })

  it("a repeat after a restart although it was confirmed, and one without its mark", () => {
    const court = makeCourt()
    court.row(1, "say 1")
    court.start().type(line("say 1"))
    court.says("message_delivery_confirmed", 1, "say 1")
    court.at.life = 2
    court.start({ resumed: true }).type(line("say 1"))
    finds(court, /although life 1 knew/)
    finds(court, /without the mark/)
  })

  it("a mark in a fresh session", () => {
    const court = makeCourt()
    court.row(1, "say 1")
    court.start().type(line("say 1", ", possible repeat"))
    finds(court, /marked as a repeat in a fresh session/)
  })

  it("a message put aside while its agent lives, but not after its end", () => {
    const court = makeCourt()
    court.row(1, "say 1")
    const { terminal } = court.start()
    court.says("message_delivery_failed", 1, "say 1")
    finds(court, /although no process of it has ended/)
    const other = makeCourt()
    other.row(1, "say 1")
    other.start().terminal.end()
    other.says("message_delivery_failed", 1, "say 1")
    other.ack(1)
    assert.deepStrictEqual(other.judge.violations, [])
    terminal.end("unseen")
    assert.isFalse(terminal.wasSeenToEnd())
  })

  it("a local message that was taken and is nowhere", () => {
    const court = makeCourt()
    court.judge.accepted("local 1", "w1", "m1")
    assert.match(court.judge.lost(new Set(["m2"])).join(), /which the broker took for it/)
    court.at.life = 2
    assert.match(court.judge.lost(new Set()).join(), /which the broker took for it/)
    assert.deepStrictEqual(court.judge.lost(new Set(["m1"])), [], "it waits for an agent that is not here")
  })

  it("reads relay lines as they stand in a terminal", () => {
    const text = `<system-reminder>x</system-reminder>\n${line("say 1", ", possible repeat")}\nRelay message from Ann in #dev [42]: two`
    assert.deepStrictEqual(
      relayLines(text).map(({ channel, from, marked, messageId, text: body }) => [
        from,
        channel,
        messageId,
        marked,
        body
      ]),
      [
        ["alice", undefined, "say1", true, "say 1"],
        ["Ann", "#dev", "42", false, "two"]
      ]
    )
  })
})
