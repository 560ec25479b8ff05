/** Properties look somewhere new at every run of a person, and at the same places in CI, where a red run must mean the change. */
import * as EffectFastCheck from "effect/FastCheck"
import * as FastCheck from "fast-check"
import { chai, expect } from "vitest"
import { sameEffectData } from "./effectEquality.ts"

if (process.env["CI"] !== undefined) {
  FastCheck.configureGlobal({ ...FastCheck.readConfigureGlobal(), seed: 20_261_122 })
  EffectFastCheck.configureGlobal({ ...EffectFastCheck.readConfigureGlobal(), seed: 20_261_122 })
}

const deepEqual = (left: unknown, right: unknown): boolean =>
  chai.util.eql(left, right, { comparator: (a, b) => sameEffectData(a, b, deepEqual) ?? null })
chai.config.deepEqual = deepEqual
expect.addEqualityTesters([
  function (left, right, testers) {
    return sameEffectData(left, right, (a, b) => this.equals(a, b, testers))
  }
])
