import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import {
  afterRejection,
  atLeast,
  isHealthy,
  makeDelays,
  reconnectSchedule,
  remintBudget
} from "../../src/node/Backoff.ts"
import { type InventoryFacts, inventoryWaitMillis } from "../../src/node/Inventory.ts"
import { loadOf } from "../../src/node/NodeDescriptor.ts"
import { nodeSocketUrl } from "../../src/node/WsNodeLink.ts"

describe("reconnecting", () => {
  it.effect("waits 1 s doubling to 30 s, jittered downwards only, and starts afresh after a reset", () =>
    Effect.gen(function* () {
      const delays = makeDelays(reconnectSchedule)
      const full = [1, 2, 4, 8, 16, 30, 30, 30]
      for (const seconds of full) {
        const delay = Duration.toSeconds(yield* delays.next)
        assert.isAtMost(delay, seconds)
        assert.isAtLeast(delay, seconds / 2)
      }
      yield* delays.reset
      assert.isAtMost(Duration.toSeconds(yield* delays.next), 1)
    }).pipe(Effect.withRandom(Random.make("seed")))
  )

  it("honours Retry-After as a lower bound, and takes only a long session for healthy", () => {
    assert.strictEqual(Duration.toSeconds(atLeast(Duration.seconds(1), 20_000)), 20)
    assert.strictEqual(Duration.toSeconds(atLeast(Duration.seconds(30), 20_000)), 30)
    assert.strictEqual(Duration.toSeconds(atLeast(Duration.seconds(30), undefined)), 30)
    assert.isFalse(isHealthy(59_999))
    assert.isTrue(isHealthy(60_000))
  })

  it("has five re-mints after the first token", () => {
    assert.deepStrictEqual(
      Array.from({ length: 7 }, (_, n) => afterRejection(n + 1)),
      [...Array.from({ length: remintBudget }, () => "remint"), "slow", "slow"]
    )
  })
})

describe("an inventory", () => {
  const quiet: InventoryFacts = {
    nowMillis: 100_000,
    openSinceMillis: [],
    unansweredRegisters: 0,
    lastResultMillis: 0,
    lastFrameMillis: 0,
    registeredAtMillis: 0,
    lastInventoryMillis: 90_000
  }
  it.each([
    ["may go in a quiet moment", {}, true],
    ["waits while an invocation is open", { openSinceMillis: [99_000] }, false],
    ["does not wait for one older than 30 s", { openSinceMillis: [70_000] }, true],
    ["waits while a register is unanswered", { unansweredRegisters: 1 }, false],
    ["waits for a second after a result", { lastResultMillis: 99_001 }, false],
    ["goes a second after a result", { lastResultMillis: 99_000 }, true],
    [
      "waits for half a second of quiet after the register",
      { lastInventoryMillis: undefined, registeredAtMillis: 99_000, lastFrameMillis: 99_600 },
      false
    ],
    [
      "goes after half a second of quiet",
      { lastInventoryMillis: undefined, registeredAtMillis: 99_000, lastFrameMillis: 99_500 },
      true
    ],
    ["does not care for frames later on", { lastFrameMillis: 100_000 }, true],
    [
      "is not held up by invocations for more than 4 min",
      { nowMillis: 340_000, openSinceMillis: [339_000], lastInventoryMillis: 100_000 },
      true
    ],
    [
      "is held up by them until then",
      { nowMillis: 339_000, openSinceMillis: [338_000], lastInventoryMillis: 100_000 },
      false
    ],
    [
      "waits for a register even then",
      { nowMillis: 340_000, unansweredRegisters: 1, lastInventoryMillis: 100_000 },
      false
    ],
    [
      "but for nothing after 4½ min",
      { nowMillis: 370_000, unansweredRegisters: 1, lastResultMillis: 369_999, lastInventoryMillis: 100_000 },
      true
    ],
    [
      "is not held up by a clock that was put back",
      { openSinceMillis: [3_600_000], lastResultMillis: 3_600_000, lastInventoryMillis: 3_600_000 },
      true
    ],
    [
      "nor is the first one",
      { registeredAtMillis: 3_600_000, lastFrameMillis: 3_600_000, lastInventoryMillis: undefined },
      true
    ]
  ])("%s", (_, facts, may) => {
    assert.strictEqual(inventoryWaitMillis({ ...quiet, ...facts }) === 0, may)
  })
})

describe("small rules", () => {
  it("load is 0 without a limit", () => {
    assert.deepStrictEqual([loadOf(3, 0), loadOf(1, 4)], [0, 0.25])
  })

  it.each([
    ["http://host:1", "ws://host:1/v1/node/ws"],
    ["https://host/base/", "wss://host/base/v1/node/ws"]
  ])("the socket of %s is %s", (baseUrl, url) => {
    assert.strictEqual(nodeSocketUrl(baseUrl), url)
  })
})
