/** Random writes over few ids, so that they meet. */
import * as fc from "fast-check"
import { AgentName, DeliveryId } from "../../src/domain/Ids.ts"
import type { Write } from "../../src/store/Writes.ts"
import { agentRecord, cursor, delivery, idOfAgent, invocationId, letter } from "./data.ts"

const agent = fc.constantFrom("ada", "bob", '"eve\0')
const id = fc.nat(9).map((n) => DeliveryId.make(`d${n}`))
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 3 })
const seq = fc.nat(6)
const atMillis = fc.nat(1_000)
const text = fc.string({ unit: "binary", maxLength: 30 })

const received = fc.record({ agent, id, seq, text, atMillis, numbered: fc.boolean() }).map(
  ({ atMillis, numbered, ...o }): Write => ({
    _tag: "Received",
    delivery: delivery({ ...o, messageId: `m${o.seq}` }),
    numbered: numbered && o.seq > 0,
    atMillis
  })
)
const acked = fc.record({ agent, acked: seq, beyond: fc.nat(3), atMillis }).map(
  ({ agent, acked, atMillis, beyond }): Write => ({
    _tag: "Acked",
    cursor: cursor(agent, acked, acked + beyond),
    atMillis
  })
)
const ended = fc.record({ atMillis, how: fc.constantFrom("resolved" as const, "expired" as const) })
const alert = fc
  .record({
    code: fc.constantFrom("LinkLost", "SpawnFailed"),
    subject: agent,
    sinceMillis: fc.nat(3),
    lastMillis: atMillis,
    count: fc.nat(9),
    message: text,
    ended: fc.option(ended, { nil: undefined })
  })
  .map((record): Write => ({ _tag: "Alert", record }))
const invocation = fc.nat(5).map((n) => invocationId(`i${n}`))

export const arbitraryWrite: fc.Arbitrary<Write> = fc.oneof(
  { weight: 6, arbitrary: received },
  { weight: 3, arbitrary: fc.record({ _tag: fc.constant("Typing" as const), deliveryIds: ids, atMillis }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Waiting" as const), deliveryIds: ids }) },
  {
    weight: 4,
    arbitrary: fc.record({
      _tag: fc.constant("Submitted" as const),
      deliveryId: id,
      evidence: fc.constantFrom("echo" as const, "unconfirmed" as const),
      channel: fc.constantFrom("terminal" as const, "hooks" as const),
      atMillis
    })
  },
  {
    weight: 2,
    arbitrary: fc.record({ _tag: fc.constant("Unproven" as const), deliveryId: id, reason: text })
  },
  { weight: 2, arbitrary: acked },
  { weight: 2, arbitrary: alert },
  {
    weight: 1,
    arbitrary: fc
      .record({ agent, acked: seq })
      .map(({ acked, agent }): Write => ({ _tag: "Cursor", cursor: cursor(agent, acked) }))
  },
  {
    weight: 2,
    arbitrary: fc.record({ id, atMillis, raw: fc.option(text, { nil: undefined }) }).map(
      ({ atMillis, id, raw }): Write => ({
        _tag: "Buried",
        letter: letter(id, raw === undefined ? { atMillis } : { atMillis, raw })
      })
    )
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Redelivered" as const), deliveryId: id, as: id }) },
  {
    weight: 1,
    arbitrary: fc.record({ _tag: fc.constant("LettersPurged" as const), deliveryId: fc.option(id, { nil: undefined }) })
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ agent, state: fc.constantFrom("live" as const, "exited" as const, "released" as const), atMillis })
      .map(({ agent, atMillis, state }): Write => ({ _tag: "Agent", record: agentRecord(agent, { state, atMillis }) }))
  },
  {
    weight: 1,
    arbitrary: fc.record({ invocation, atMillis }).map(
      ({ atMillis, invocation }): Write => ({
        _tag: "InvocationOpened",
        invocationId: invocation,
        action: "release",
        atMillis
      })
    )
  },
  {
    weight: 1,
    arbitrary: fc.record({ invocation, atMillis, output: fc.jsonValue() }).map(
      ({ atMillis, invocation, output }): Write => ({
        _tag: "InvocationAnswered",
        invocationId: invocation,
        // As it comes off the wire: JSON has no negative zero.
        answer: { output: JSON.parse(JSON.stringify(output)) },
        atMillis
      })
    )
  },
  { weight: 1, arbitrary: invocation.map((invocationId): Write => ({ _tag: "InvocationForgotten", invocationId })) },
  {
    weight: 1,
    arbitrary: fc.record({ agent, known: fc.boolean(), atMillis }).map(
      ({ agent, atMillis, known }): Write => ({
        _tag: "UndoOwed",
        record: {
          name: AgentName.make(agent),
          agentId: known ? idOfAgent(agent) : undefined,
          sinceMillis: atMillis
        }
      })
    )
  },
  { weight: 1, arbitrary: agent.map((name): Write => ({ _tag: "Undone", name: AgentName.make(name) })) },
  {
    weight: 1,
    arbitrary: fc
      .record({
        agent: agent.map((name) => AgentName.make(name)),
        exitCode: fc.option(fc.nat(255)),
        signal: fc.option(fc.nat(64)),
        atMillis,
        uptimeMillis: fc.nat(1_000)
      })
      .map((crash): Write => ({ _tag: "Crashed", crash }))
  },
  {
    weight: 1,
    arbitrary: fc.nat(1_000_000).map((upTo): Write => ({ _tag: "EventsNumbered", upTo }))
  }
)
