/** What the terminal shows, read by the rules of its harness. Nothing is kept but since when something known is away. */
import { essence, type Holds, holds } from "../harness/Composer.ts"
import type { TerminalRules } from "../harness/TerminalRules.ts"
import type { ScreenView } from "../pty/ScreenView.ts"

export interface Sight {
  /** What the composer holds in relation to `typed`; undefined: there is none that could be read, now or before. */
  readonly composer: (typed: string) => Holds | undefined
  /** The composer was on the screen at least once, so that it is known what this program looks like. */
  readonly isReadable: () => boolean
  /** Since when it is hidden. */
  readonly hiddenAtMillis: () => number | undefined
  readonly isBusy: () => boolean
  /** Since when the program does not ask for brackets any more although it did: its line editor is away, as a shell's is. */
  readonly awayAtMillis: () => number | undefined
  /** Grows with every output. */
  readonly position: () => number
}

export const make = (rules: TerminalRules, view: () => ScreenView, now: () => number): Sight => {
  let seen = false
  let hiddenAtMillis: number | undefined
  let bracketed = false
  let awayAtMillis: number | undefined
  let typedText = ""
  let typedEssence = ""
  const composer = (typed: string): Holds | undefined => {
    if (rules.composer === undefined) return undefined
    const content = rules.composer.read(view())
    if (content._tag === "Shown") {
      seen = true
      hiddenAtMillis = undefined
    } else {
      hiddenAtMillis ??= now()
    }
    if (!seen) return undefined
    if (typed !== typedText) {
      typedText = typed
      typedEssence = essence(typed)
    }
    return holds(rules.composer, content, typedEssence)
  }
  return {
    composer,
    isReadable: () => composer("") !== undefined,
    hiddenAtMillis: () => hiddenAtMillis,
    awayAtMillis: () => {
      const { bracketedPaste } = view().modes
      bracketed ||= bracketedPaste
      awayAtMillis = bracketedPaste || !bracketed ? undefined : (awayAtMillis ?? now())
      return awayAtMillis
    },
    position: () => view().position,
    isBusy: () => rules.isBusy?.(view()) ?? false
  }
}
