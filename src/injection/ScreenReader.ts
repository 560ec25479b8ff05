/**
 * What the terminal shows, read by the rules of its harness. Nothing is kept but what was read last, and since when the
 * composer of a known program is away.
 */
import type { Asking } from "../domain/Receipt.ts"
import { messageIdsIn } from "../harness/Channel.ts"
import { essence, type Holds, holds } from "../harness/Composer.ts"
import { asksInMenu } from "../harness/Dialog.ts"
import type { TerminalRules } from "../harness/TerminalRules.ts"
import { type ScreenView, textOf } from "../pty/ScreenView.ts"

export interface ScreenReader {
  /** Of a known family: where its composer is and what it holds can be told. */
  readonly isKnown: boolean
  /** What the composer holds in relation to `typed`; undefined: nothing is known of it. */
  readonly composer: (typed: string) => Holds | undefined
  /** What it holds, as text. */
  readonly composed: () => string
  readonly isBusy: () => boolean
  /** All of these stand on the screen outside of the composer. */
  readonly isInTranscript: (ids: ReadonlyArray<string>) => boolean
  /** The end of `text` stands before the cursor, as something that was typed and not sent. */
  readonly standsBeforeCursor: (text: string) => boolean
  /** An unknown program shows a menu, or wants a key. */
  readonly showsMenu: () => boolean
  /** This was typed last. */
  readonly unsafeTyped: (text: string) => void
  /** Grows with every output. */
  readonly position: () => number
  /** The last rows that are not blank, as a person is shown them. */
  readonly lastLines: () => ReadonlyArray<string>
  readonly isBlank: () => boolean
}

export interface Asked {
  readonly what: Asking
  readonly detail: string | undefined
}

const shownLines = 12
const longestLine = 200
/** So much of a text's end is looked for before the cursor: more may be cut off by the width. */
const tailCharacters = 24

export const make = (rules: TerminalRules, view: () => ScreenView): ScreenReader => {
  let typedText = ""
  let typedEssence = ""
  let menuAt = -1
  let menuShown = false
  let menuIsTyped = false
  let pastedEssence = ""
  const lineEditor = rules.hiddenMeans === "busy"
  const read = () => rules.composer?.read(view())
  const composer = (typed: string): Holds | undefined => {
    if (rules.composer === undefined) return undefined
    const content = rules.composer.read(view())
    if (typed !== typedText) {
      typedText = typed
      typedEssence = essence(typed)
    }
    const held = holds(rules.composer, content, typedEssence)
    // A line editor that is away has taken its line.
    return held === "hidden" && lineEditor && typed !== "" ? "empty" : held
  }
  return {
    isKnown: rules.composer !== undefined,
    composer,
    composed: () => {
      const content = read()
      return content?._tag === "Shown" ? content.rows.join("\n") : ""
    },
    isBusy: () => (rules.isBusy?.(view()) ?? false) || (lineEditor && read()?._tag === "Hidden"),
    isInTranscript: (ids) => {
      const seen = view()
      const content = read()
      const inside = content?._tag === "Shown" ? essence(content.rows.join("\n")) : ""
      const all = essence(textOf(seen).join("\n"))
      return ids.every((id) => {
        const wanted = essence(id)
        return all.includes(wanted) && !inside.includes(wanted)
      })
    },
    standsBeforeCursor: (text) => {
      const { cursor, row } = view()
      const tail = essence(text).slice(-tailCharacters)
      if (tail === "") return false
      const before = essence(row(cursor.row).text.slice(0, cursor.col + 1))
      return before !== "" && (before.endsWith(tail) || (before.length >= 4 && tail.endsWith(before)))
    },
    showsMenu: () => {
      if (rules.composer !== undefined) return false
      const seen = view()
      if (seen.position !== menuAt) {
        menuAt = seen.position
        const rows = asksInMenu(seen)
        menuShown = rows.length > 0
        // What was typed may quote a menu.
        menuIsTyped = menuShown && rows.every((row) => pastedEssence.includes(essence(row.trim())))
      }
      return menuShown && !menuIsTyped
    },
    unsafeTyped: (text) => {
      if (rules.composer === undefined) pastedEssence = essence(text)
    },
    position: () => view().position,
    lastLines: () =>
      textOf(view())
        .filter((row) => row.trim() !== "")
        .slice(-shownLines)
        .map((row) => row.slice(0, longestLine)),
    isBlank: () => textOf(view()).every((row) => row.trim() === "")
  }
}

/** Whether this text, which stands in the composer, consists of messages of ours. */
export const isOurs = (text: string): boolean => messageIdsIn(text).size > 0
