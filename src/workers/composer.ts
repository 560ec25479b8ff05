/** Puts messages for one agent into the text that is typed, and remembers when it was told how to answer (S 4.4). */
import type { AgentSpec } from "../domain/AgentSpec.ts"
import { injectionText } from "./injectionText.ts"
import { nextReminder, noReminderYet, type Reminder } from "./reminder.ts"
import type { InjectionItem } from "./Worker.ts"

export interface ComposerOptions {
  readonly spec: AgentSpec
  readonly preRegistered: boolean
  readonly style: "full" | "short"
  /** Bytes the terminal has shown so far. */
  readonly outputBytes: () => number
}

/** Messages that go out together stand below each other; the same way to answer is not explained twice in a row. */
export const makeComposer = (options: ComposerOptions) => {
  let state = noReminderYet
  const reminderFor = (item: InjectionItem, before: InjectionItem | undefined, atMillis: number): Reminder => {
    const { message, origin } = item.delivery
    if (options.spec.skipRelayPrompt === true || origin === "initial_task") return "none"
    const last = before?.delivery.message
    if (last !== undefined && last.from === message.from && last.target === message.target) return "none"
    if (options.style === "short") return "short"
    const next = nextReminder(state, { atMillis, outputBytes: options.outputBytes() })
    state = next.state
    return next.reminder
  }
  return (items: ReadonlyArray<InjectionItem>, nowMillis: number): string =>
    items
      .map((item, index) =>
        injectionText(item.delivery.message, {
          reminder: reminderFor(item, items[index - 1], nowMillis),
          agent: options.spec.name,
          preRegistered: options.preRegistered,
          possibleRepeat: item.possibleRepeat ?? false
        })
      )
      .join("\n")
}
