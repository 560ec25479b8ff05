import { assert, it } from "vitest"
import { redacted } from "../../src/domain/redacted.ts"

it.each([
  ["key rk_live_0123456789abcdef0123456789abcdef refused", "key rk_<redacted> refused"],
  ["wss://engine/v1/node/ws?token=nt_live_0123456789abcdef", "wss://engine/v1/node/ws?token=nt_<redacted>"],
  ['{"token":"at_live_0123456789abcdef","b":"br_0123456789abcdef"}', '{"token":"at_<redacted>","b":"br_<redacted>"}'],
  ["RELAY_RESULT_TOKEN=arr_0123456789abcdef0123456789abcdef", "RELAY_RESULT_TOKEN=arr_<redacted>"],
  ["Authorization: Bearer abc.def-123456==", "Authorization: Bearer <redacted>"]
])("takes credentials out of %s", (text, expected) => {
  assert.strictEqual(redacted(text), expected)
})

it.each([
  "node_0123456789abcdef0123456789abcdef is late",
  "acked_at_millis and delivery_ack_seq stay",
  "at_most 5",
  "part_of_a_longer_word",
  "the bearer of bad news"
])("leaves %s alone", (text) => {
  assert.strictEqual(redacted(text), text)
})
