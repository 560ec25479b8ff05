/**
 * Places where a test build of the program kills itself, to prove what survives (docs/delivery.md). The build of the
 * product removes all of it.
 *
 * `RELAY_TEST_CRASH_AT=<before|after>:<step>:<n>`: SIGKILL at the n-th time that step is reached.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Store } from "./Store.ts"

declare const __FAULT_POINTS__: boolean | undefined

/** True in the test build only. */
const enabled: boolean = typeof __FAULT_POINTS__ !== "undefined" && __FAULT_POINTS__ === true

type Step = "received" | "typing" | "submitted" | "acked" | "buried" | "invocationOpened" | "invocationAnswered"

const plan = /^(before|after):(\w+):(\d+)$/

const wrap = (
  inner: Store["Type"],
  spec: { readonly when: string; readonly step: string; readonly nth: number }
): Store["Type"] => {
  let reached = 0
  const crash = (when: "before" | "after", step: Step) =>
    Effect.sync(() => {
      if (when !== spec.when || step !== spec.step) return
      reached += 1
      if (reached === spec.nth) process.kill(process.pid, "SIGKILL")
    })
  const around =
    <A extends ReadonlyArray<unknown>>(step: Step, run: (...args: A) => Effect.Effect<void>) =>
    (...args: A) =>
      crash("before", step).pipe(Effect.zipRight(run(...args)), Effect.zipRight(crash("after", step)))
  return {
    ...inner,
    received: around("received", inner.received),
    typing: around("typing", inner.typing),
    submitted: around("submitted", inner.submitted),
    acked: around("acked", inner.acked),
    buried: around("buried", inner.buried),
    invocationOpened: around("invocationOpened", inner.invocationOpened),
    invocationAnswered: around("invocationAnswered", inner.invocationAnswered)
  }
}

/** The store with its fault points; the store itself outside of the test build. */
export const withFaultPoints = <E, R>(
  store: Layer.Layer<Store, E, R>,
  spec: string | undefined
): Layer.Layer<Store, E, R> => {
  const [, when, step, nth] = enabled ? (plan.exec(spec ?? "") ?? []) : []
  if (when === undefined || step === undefined) return store
  return Layer.effect(
    Store,
    Effect.map(Store, (inner) => wrap(inner, { when, step, nth: Number(nth) }))
  ).pipe(Layer.provide(store))
}
