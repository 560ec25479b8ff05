/** Whether and how often a program that ended is started again. */
import * as Schema from "effect/Schema"

export const RestartPolicy = Schema.Struct({
  enabled: Schema.Boolean,
  /** In all, over the life of the agent; then it is given up. */
  maxRestarts: Schema.NonNegativeInt,
  /** Before the first restart; doubled with every further failure in a row. */
  cooldownMillis: Schema.NonNegativeInt,
  /** Failures in a row that are still followed by a restart. */
  maxConsecutiveFailures: Schema.NonNegativeInt
})
export type RestartPolicy = typeof RestartPolicy.Type

/** What a client means by a policy that names no numbers. */
export const defaultRestartPolicy: RestartPolicy = {
  enabled: true,
  maxRestarts: 5,
  cooldownMillis: 2_000,
  maxConsecutiveFailures: 3
}
