import { assert, describe, it } from "@effect/vitest"
import { summaryText } from "./model/Api.ts"
import { findings, type Seen, type Sent } from "./Verdict.ts"

const sent = (marker: string, o: Partial<Sent> = {}): Sent => ({
  marker,
  body: `${marker} hello`,
  expected: `${marker} hello`,
  who: "claude",
  agent: "worker",
  messageId: "m",
  seq: 1,
  sentAt: 0,
  ackedAt: 10,
  expect: "due",
  ...o
})

const turn = (at: number, ...texts: ReadonlyArray<string>): Seen => ({
  who: "claude",
  isTurn: true,
  at,
  outcome: "answered",
  status: 200,
  texts: texts.map((text) => ({ text, isNew: true }))
})

const old = (seen: Seen): Seen => ({ ...seen, texts: seen.texts.map((each) => ({ ...each, isNew: false })) })

const faultsOf = (messages: ReadonlyArray<Sent>, seen: ReadonlyArray<Seen>) =>
  findings(messages, seen).map(({ fault }) => fault)

describe("the verdict", () => {
  it("finds nothing where each message came once, whole, in order", () => {
    const seen = [turn(5, "from a [m]: A1 hello"), old(turn(9, "from a [m]: A1 hello")), turn(20, "B2 hello")]
    assert.deepStrictEqual(faultsOf([sent("A1"), sent("B2")], seen), [])
  })

  it("acked but not received: the model's record has it in no turn", () => {
    assert.deepStrictEqual(faultsOf([sent("A1")], []), ["acked but not received"])
    assert.deepStrictEqual(faultsOf([sent("A1")], [{ ...turn(5, "A1 hello"), isTurn: false }]), [
      "acked but not received"
    ])
    assert.deepStrictEqual(faultsOf([sent("A1")], [{ ...turn(5, "A1 hello"), who: "codex" }]), [
      "acked but not received"
    ])
  })

  it("not received in time: due, and neither acked nor there; one that is withheld is not due", () => {
    assert.deepStrictEqual(faultsOf([sent("A1", { ackedAt: undefined })], []), ["not received in time"])
    assert.deepStrictEqual(faultsOf([sent("A1", { ackedAt: undefined, expect: "withheld" })], []), [])
  })

  it("received twice: in one request, or new in two that were answered", () => {
    assert.deepStrictEqual(faultsOf([sent("A1")], [turn(5, "A1 hello", "A1 hello")]), ["received twice"])
    assert.deepStrictEqual(faultsOf([sent("A1")], [turn(5, "x", "A1 hello"), turn(9, "A1 hello")]), ["received twice"])
  })

  it("a request that was refused, or that the program left, and its repetition are one time", () => {
    const refused = { ...turn(5, "A1 hello"), status: 529 }
    const left: Seen = { ...turn(6, "A1 hello"), outcome: "left" }
    assert.deepStrictEqual(faultsOf([sent("A1")], [refused, left, turn(9, "A1 hello")]), [])
  })

  it("an item of one history is one time, though no answer stands behind it; also when the history was compacted", () => {
    assert.deepStrictEqual(faultsOf([sent("A1")], [turn(5, "x", "A1 hello"), turn(9, "x", "A1 hello", "B")]), [])
    assert.deepStrictEqual(faultsOf([sent("A1")], [turn(5, "x", "A1 hello"), turn(9, "A1 hello", summaryText)]), [])
  })

  it("a repeat that says that it may be one is none", () => {
    const again = "Relay message from a [m, possible repeat]: A1 hello"
    assert.deepStrictEqual(faultsOf([sent("A1")], [turn(5, "A1 hello"), turn(9, again)]), [])
  })

  it("received changed: the text is not there as it was sent", () => {
    assert.deepStrictEqual(faultsOf([sent("A1")], [turn(5, "A1 hell")]), ["received changed"])
  })

  it("out of order, in two requests or within one", () => {
    assert.deepStrictEqual(faultsOf([sent("A1"), sent("B2")], [turn(5, "B2 hello"), turn(6, "A1 hello")]), [
      "out of order"
    ])
    assert.deepStrictEqual(faultsOf([sent("A1"), sent("B2")], [turn(5, "B2 hello", "A1 hello")]), ["out of order"])
  })
})
