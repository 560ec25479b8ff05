import { assert, describe, it } from "@effect/vitest"
import * as SentHere from "../../src/delivery/SentHere.ts"
import { MessageId } from "../../src/domain/Ids.ts"
import type { RelayMessage } from "../../src/domain/Message.ts"

const copy = (id: string, o: Partial<RelayMessage> = {}): RelayMessage => ({
  ...{ id: MessageId.make(id), from: "broker", target: "#dev", text: "hi", mode: "wait", workspace: "lab", ...o }
})

const post = (text = "hi"): SentHere.Post => ({
  target: "#dev",
  text,
  postedAs: "Broker",
  meant: { from: "Ann", target: "#dev", text, mode: "steer", threadId: "t", priority: 4 }
})

const meant = { from: "Ann", mode: "steer", threadId: "t", priority: 4, workspace: "lab" }

describe("copies of what was sent from here", () => {
  it("are completed once the engine has answered, each of them", () => {
    const sent = SentHere.make()
    const one = post()
    sent.begin(one)
    sent.settle(one, "1")
    assert.deepInclude(sent.complete(copy("1")) as object, { id: "1", ...meant })
    assert.deepInclude(sent.complete(copy("1")) as object, meant)
    assert.deepStrictEqual(sent.complete(copy("2")), copy("2"))
  })

  it("are known before the answer by channel, text and poster, and by nothing less", () => {
    const sent = SentHere.make()
    const one = post()
    sent.begin(one)
    for (const other of [copy("1", { from: "alice" }), copy("1", { target: "#ops" }), copy("1", { text: "ho" })]) {
      assert.deepStrictEqual(sent.complete(other), other)
    }
    assert.deepInclude(sent.complete(copy("1")) as object, meant)
    // For a second agent too; another message of the same words is another message.
    assert.deepInclude(sent.complete(copy("1")) as object, meant)
    assert.deepStrictEqual(sent.complete(copy("2")), copy("2"))
    sent.settle(one, "1")
    assert.deepInclude(sent.complete(copy("1")) as object, meant)
  })

  it("that were never posted are nobody's", () => {
    const sent = SentHere.make()
    const one = post()
    sent.begin(one)
    sent.settle(one, undefined)
    assert.deepStrictEqual(sent.complete(copy("1")), copy("1"))
  })

  it("are forgotten after a thousand more", () => {
    const sent = SentHere.make()
    for (let n = 0; n <= 1_000; n++) {
      const each = post(String(n))
      sent.begin(each)
      sent.settle(each, String(n))
    }
    assert.deepInclude(sent.complete(copy("1000")) as object, { from: "Ann" })
    assert.deepInclude(sent.complete(copy("0")) as object, { from: "broker" })
  })
})
