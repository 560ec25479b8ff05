/**
 * `Store` in memory, for tests: what is committed is in `contents`, which a second store can be made over, as a broker
 * finds its file after a crash. Takes time from the Clock only. Its faults are scripted.
 */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Contents } from "./Contents.ts"
import { defaultLimits, type Limits } from "./Limits.ts"
import type { Step } from "./Reads.ts"
import { Store, type StoreHealth } from "./Store.ts"
import { type Commits, commitsOf, storeOf } from "./storeOf.ts"

export interface MemoryStoreControl {
  readonly layer: Layer.Layer<Store>
  /** What is on the disk. */
  readonly contents: Contents
  /**
   * The process dies at its next commit, before or after it counts; the inner effect completes then. Who waits for that
   * commit never hears of it. Later calls return at once and do nothing, so that a test can take down what is left.
   */
  readonly crashAtCommit: (when: "before" | "after") => Effect.Effect<Effect.Effect<void>>
  /** From now on the store is degraded: it keeps nothing more and still reads what it has. */
  readonly fail: (reason: string) => Effect.Effect<void>
  /** Every commit takes this long from now on. */
  readonly slow: (millis: number) => Effect.Effect<void>
}

interface Script {
  crash: { readonly when: "before" | "after"; readonly crashed: Deferred.Deferred<void> } | undefined
  health: StoreHealth
  slowMillis: number
}

const make = (contents: Contents, script: Script, limits: Limits) =>
  Effect.gen(function* () {
    const commit = (steps: ReadonlyArray<Step>) =>
      Effect.map(Clock.currentTimeMillis, (nowMillis) => {
        let written = false
        for (const step of steps) {
          if (step._tag === "Read") step.run(contents)
          if (step._tag !== "Write" || script.health._tag === "Degraded") continue
          contents.apply(step.write)
          written = true
        }
        if (written) contents.prune(nowMillis)
      })

    const die = (crash: NonNullable<Script["crash"]>) =>
      Effect.gen(function* () {
        script.crash = undefined
        yield* commits.halt
        yield* Deferred.succeed(crash.crashed, undefined)
        return yield* Effect.interruptible(Effect.never)
      })

    const apply = (steps: ReadonlyArray<Step>) =>
      Effect.gen(function* () {
        if (script.slowMillis > 0) yield* Effect.sleep(script.slowMillis)
        const { crash } = script
        if (crash?.when === "before") return yield* die(crash)
        yield* commit(steps)
        if (crash?.when === "after") return yield* die(crash)
      })

    const commits: Commits = yield* commitsOf(
      { apply, sync: Effect.void, turn: Effect.yieldNow(), tidy: Effect.void, close: commit },
      limits
    )
    return storeOf({ commits, health: Effect.sync(() => script.health) })
  })

export const MemoryStore = {
  /** Over `contents`, what a former store left there; else over nothing. */
  make: (o: { readonly contents?: Contents; readonly limits?: Partial<Limits> } = {}): MemoryStoreControl => {
    const limits = { ...defaultLimits, ...o.limits }
    const contents = o.contents ?? new Contents(limits)
    const script: Script = { crash: undefined, health: { _tag: "Ok" }, slowMillis: 0 }
    return {
      layer: Layer.scoped(Store, make(contents, script, limits)),
      contents,
      crashAtCommit: (when) =>
        Effect.map(Deferred.make<void>(), (crashed) => {
          script.crash = { when, crashed }
          return Deferred.await(crashed)
        }),
      fail: (reason) =>
        Effect.map(Clock.currentTimeMillis, (sinceMillis) => {
          script.health = { _tag: "Degraded", reason, sinceMillis }
        }),
      slow: (millis) =>
        Effect.sync(() => {
          script.slowMillis = millis
        })
    }
  }
}
