import { assert, describe, it } from "@effect/vitest"
import type { Signal } from "../../../src/harness/Channel.ts"
import {
  batchIdOf,
  begin,
  eventOf,
  forget,
  messageIdOf,
  next,
  type Progress,
  stateOf,
  stranded
} from "../../../src/harness/opencode/events.ts"

const sessionID = "ses_1"
const idle = begin({ sessionId: sessionID, busy: false, permissions: [], questions: [] })

const user = (id: string, of = sessionID) => ({
  type: "message.updated",
  properties: { sessionID: of, info: { id, role: "user", sessionID: of, time: { created: 1 } } }
})
const answer = (parentID: string, of = sessionID) => ({
  type: "message.updated",
  properties: { sessionID: of, info: { id: "msg_z", role: "assistant", parentID } }
})
const status = (type: string, of = sessionID) => ({
  type: "session.status",
  properties: { sessionID: of, status: { type } }
})
const asked = (id: string, of = sessionID) => ({
  type: "permission.asked",
  properties: { id, sessionID: of, permission: "bash", patterns: ["ls /"], metadata: {}, always: [] }
})
const replied = (requestID: string) => ({
  type: "permission.replied",
  properties: { sessionID, requestID, reply: "once" }
})

const follow = (progress: Progress, ...events: ReadonlyArray<unknown>) => {
  const told: Array<Signal> = []
  let now = progress
  for (const json of events) {
    const event = eventOf(json)
    if (event === undefined) continue
    const [changed, signals] = next(now, event)
    now = changed
    told.push(...signals)
  }
  return {
    progress: now,
    told,
    tags: told.map((signal) => (signal._tag === "State" ? signal.state._tag : signal._tag))
  }
}

describe("opencode 1.18.33: what its events say", () => {
  it("a message of an idle session is taken; what comes of it later is not told again", () => {
    const { tags, told } = follow(idle, user("msg_a"), status("busy"), answer("msg_a"), status("idle"), user("msg_a"))
    assert.deepStrictEqual(tags, ["Taken", "Busy", "Idle"])
    assert.deepStrictEqual(told[0], { _tag: "Taken", which: { id: "msg_a" }, proof: "taken_with_id" })
  })

  it("a message in a turn is queued, and taken with the first answer that has it", () => {
    const queued = follow(idle, user("msg_a"), status("busy"), answer("msg_a"), user("msg_b"), user("msg_c"))
    assert.deepStrictEqual(queued.tags, ["Taken", "Busy", "Queued", "Queued"])
    assert.deepStrictEqual(follow(queued.progress, answer("msg_a")).tags, [])
    // Both went into one step: its parent is the last of them.
    const { progress, told } = follow(queued.progress, answer("msg_c"))
    assert.deepStrictEqual(
      told.map((signal) => signal._tag === "Taken" && signal.which),
      [{ id: "msg_b" }, { id: "msg_c" }]
    )
    assert.deepStrictEqual(progress.queued, [])
  })

  it("what a broken-off turn left behind is stranded, and not while a turn or a question of it stands", () => {
    const queued = follow(idle, user("msg_a"), status("busy"), answer("msg_a"), user("msg_b")).progress
    assert.deepStrictEqual(stranded(queued), [])
    assert.deepStrictEqual(stranded(follow(queued, asked("per_1"), status("idle")).progress), [])
    const left = follow(queued, status("idle")).progress
    assert.deepStrictEqual(stranded(left), ["msg_b"])
    assert.deepStrictEqual(stranded(forget(left, ["msg_b"])), [])
  })

  it("a retry after an error of the model is a part of the turn", () => {
    assert.deepStrictEqual(follow(idle, status("busy"), status("retry"), status("busy"), status("idle")).tags, [
      "Busy",
      "Idle"
    ])
  })

  it("asks as long as any request is open, a subagent's too, and says what", () => {
    const { progress, tags, told } = follow(idle, status("busy"), asked("per_1"), asked("per_2", "ses_child"))
    assert.deepStrictEqual(tags, ["Busy", "Asking"])
    assert.deepInclude(told, {
      _tag: "State",
      state: { _tag: "Asking", what: "permission", detail: "bash ls /" }
    })
    assert.deepStrictEqual(follow(progress, replied("per_1")).tags, [])
    assert.deepStrictEqual(follow(progress, replied("per_1"), replied("per_2")).tags, ["Busy"])
  })

  it("a question asks; an answer or its refusal ends it", () => {
    const question = {
      type: "question.asked",
      properties: { id: "que_1", sessionID, questions: [{ question: "Red or blue?", header: "Colour", options: [] }] }
    }
    const rejected = { type: "question.rejected", properties: { sessionID, requestID: "que_1" } }
    const { progress, told } = follow(idle, question)
    assert.deepStrictEqual(told, [
      { _tag: "State", state: { _tag: "Asking", what: "question", detail: "Red or blue?" } }
    ])
    assert.deepStrictEqual(follow(progress, rejected).tags, ["Idle"])
  })

  it("another session's messages and turns are not this agent's", () => {
    assert.deepStrictEqual(
      follow(idle, user("msg_a", "ses_2"), status("busy", "ses_2"), answer("msg_a", "ses_2")).tags,
      []
    )
  })

  it("after the stream broke off: what is open then counts, what is queued stays queued, nothing is told twice", () => {
    const before = follow(idle, user("msg_a"), status("busy"), answer("msg_a"), user("msg_b")).progress
    const again = begin(
      {
        sessionId: sessionID,
        busy: true,
        permissions: [{ id: "per_1", permission: "edit", patterns: [] }],
        questions: []
      },
      before
    )
    assert.strictEqual(stateOf(again)._tag, "Asking")
    assert.deepStrictEqual(follow(again, user("msg_a"), user("msg_b"), answer("msg_b")).tags, ["Taken"])
  })

  it("what says nothing of a turn is passed over", () => {
    for (const odd of [undefined, 1, {}, { type: "server.heartbeat", properties: {} }, { type: "message.updated" }]) {
      assert.isUndefined(eventOf(odd))
    }
  })
})

describe("message ids", () => {
  const batch = "0f8fad5b-d9cb-469f-a165-70867728950e"
  it("sort by time, as opencode's own do, and give the batch back", () => {
    // As opencode 1.18.33 named a message it made in this millisecond.
    const [, theirs = ""] = /^msg_([0-9a-f]{12})/.exec("msg_22dc389b6001Hzwc72z5xePbiT") ?? []
    const ours = messageIdOf(batch, 1796064119222, 1)
    assert.strictEqual(ours.slice(4, 16), theirs)
    assert.isTrue(ours < messageIdOf(batch, 1796064119222, 2))
    assert.isTrue(messageIdOf(batch, 1796064119222, 4095) < messageIdOf(batch, 1796064119223, 1))
    assert.strictEqual(batchIdOf(ours), batch)
  })
  it("another one's id stays what it is", () => {
    assert.strictEqual(batchIdOf("msg_22dc389b6001Hzwc72z5xePbiT"), "msg_22dc389b6001Hzwc72z5xePbiT")
  })
})
