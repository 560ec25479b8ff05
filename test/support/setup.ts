/** Properties look somewhere new at every run of a person, and at the same places in CI, where a red run must mean the change. */
import * as EffectFastCheck from "effect/FastCheck"
import * as FastCheck from "fast-check"
import "./effectEquality.ts"

if (process.env["CI"] !== undefined) {
  FastCheck.configureGlobal({ ...FastCheck.readConfigureGlobal(), seed: 20_261_122 })
  EffectFastCheck.configureGlobal({ ...EffectFastCheck.readConfigureGlobal(), seed: 20_261_122 })
}
