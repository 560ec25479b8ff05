/**
 * What `assert.deepStrictEqual` and `expect(…).toEqual` say of Effect data, at any depth. To import this puts it into both.
 *
 * By themselves they look at own, enumerable fields. `Option.some(1)` is then the same as `Option.none()`, two `Redacted`
 * are the same whatever they hide, and so are two errors of one class whose fields differ: such an assertion cannot fail.
 */
import * as Either from "effect/Either"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { chai, expect } from "vitest"

/** Compares what is inside with the rules of the one who asks. */
type Same = (left: unknown, right: unknown) => boolean

const contentsOf = (error: Error): Record<string, unknown> => ({
  ...error,
  name: error.name,
  message: error.message,
  cause: error.cause
})

/** Undefined: this is no Effect data and no error; the asker's own rules hold. */
const sameEffectData = (left: unknown, right: unknown, same: Same): boolean | undefined => {
  if (Option.isOption(left) || Option.isOption(right)) {
    if (!Option.isOption(left) || !Option.isOption(right)) return false
    if (Option.isNone(left) || Option.isNone(right)) return left._tag === right._tag
    return same(left.value, right.value)
  }
  if (Either.isEither(left) || Either.isEither(right)) {
    if (!Either.isEither(left) || !Either.isEither(right) || left._tag !== right._tag) return false
    return same(Either.merge(left), Either.merge(right))
  }
  if (Redacted.isRedacted(left) || Redacted.isRedacted(right)) {
    return Redacted.isRedacted(left) && Redacted.isRedacted(right) && same(Redacted.value(left), Redacted.value(right))
  }
  if (left instanceof Error || right instanceof Error) {
    if (!(left instanceof Error && right instanceof Error) || left.constructor !== right.constructor) return false
    return same(contentsOf(left), contentsOf(right))
  }
  // What `Equal` holds for different can still be the same field by field: it compares plain objects by reference.
  return Equal.isEqual(left) && Equal.isEqual(right) && Equal.equals(left, right) ? true : undefined
}

const deepEqual: Same = (left, right) =>
  chai.util.eql(left, right, { comparator: (a, b) => sameEffectData(a, b, deepEqual) ?? null })
chai.config.deepEqual = deepEqual

expect.addEqualityTesters([
  function (left, right, testers) {
    return sameEffectData(left, right, (a, b) => this.equals(a, b, testers))
  }
])
