/** What a person types at an attached terminal: keys for the program, and our own behind `Ctrl-]`. Pure. */

export type KeyAction =
  | { readonly _tag: "Send"; readonly data: string }
  | { readonly _tag: "Detach" }
  | { readonly _tag: "Flush" }
  | { readonly _tag: "Help" }

/** What is kept from one read to the next. */
export interface KeyState {
  /** The prefix was typed, and its second key is waited for. */
  readonly prefixed: boolean
  /** A paste has begun and not ended. */
  readonly pasting: boolean
  /** The part of the next paste marker that was read last. */
  readonly marker: string
}

export interface Keys {
  readonly state: KeyState
  readonly actions: ReadonlyArray<KeyAction>
}

export const noKeys: KeyState = { prefixed: false, pasting: false, marker: "" }

export const prefixKey = "\x1d"
const ctrlC = "\x03"
const pasteBegin = "\x1b[200~"
const pasteEnd = "\x1b[201~"

/** How much of `marker` has been read with this key. */
const matched = (marker: string, before: string, key: string) =>
  marker.startsWith(before + key) ? before + key : marker.startsWith(key) ? key : ""

/** A viewer sends nothing, and leaves with `q` and `Ctrl-C`, too. */
export const readKeys = (former: KeyState, typed: string, readOnly: boolean): Keys => {
  let { marker, pasting, prefixed } = former
  const actions: Array<KeyAction> = []
  let plain = ""
  const send = () => {
    if (plain !== "" && !readOnly) actions.push({ _tag: "Send", data: plain })
    plain = ""
  }
  for (let i = 0; i < typed.length; i++) {
    const key = typed[i] ?? ""
    const awaited = pasting ? pasteEnd : pasteBegin
    marker = matched(awaited, marker, key)
    if (pasting || marker !== "") {
      // What is pasted is text, whatever it contains; so are its marks.
      if (typed.startsWith(pasteBegin, i)) prefixed = false
      plain += prefixed ? prefixKey + key : key
      prefixed = false
    } else if (prefixed) {
      prefixed = false
      const action = afterPrefix(key)
      if (action === undefined) plain += key === prefixKey ? prefixKey : prefixKey + key
      else {
        send()
        actions.push(action)
      }
    } else if (key === prefixKey) prefixed = true
    else if (readOnly && (key === "q" || key === ctrlC)) actions.push({ _tag: "Detach" })
    else plain += key
    if (marker === awaited) {
      pasting = !pasting
      marker = ""
    }
  }
  send()
  return { state: { prefixed, pasting, marker }, actions }
}

const afterPrefix = (key: string): KeyAction | undefined => {
  if (key === "d" || key === "D" || key === "\x04") return { _tag: "Detach" }
  if (key === "f" || key === "F" || key === "\x06") return { _tag: "Flush" }
  return key === "?" ? { _tag: "Help" } : undefined
}
