/** What a person types at an attached terminal: keys for the program, and our own behind `Ctrl-]`. Pure. */

export type KeyAction =
  | { readonly _tag: "Send"; readonly data: string }
  | { readonly _tag: "Detach" }
  | { readonly _tag: "Flush" }
  | { readonly _tag: "Help" }

export interface Keys {
  /** The prefix was typed, and its second key is waited for. */
  readonly prefixed: boolean
  readonly actions: ReadonlyArray<KeyAction>
}

export const prefixKey = "\x1d"
const ctrlC = "\x03"
const pasteEnd = "\x1b[201~"

/** A viewer sends nothing, and leaves with `q` and `Ctrl-C`, too. */
export const readKeys = (prefixed: boolean, typed: string, readOnly: boolean): Keys => {
  const actions: Array<KeyAction> = []
  let plain = ""
  let waiting = prefixed
  const send = () => {
    if (plain !== "" && !readOnly) actions.push({ _tag: "Send", data: plain })
    plain = ""
  }
  for (let i = 0; i < typed.length; i++) {
    const key = typed[i] ?? ""
    if (typed.startsWith("\x1b[200~", i)) {
      // What is pasted is text, whatever it contains.
      const end = typed.indexOf(pasteEnd, i)
      const to = end < 0 ? typed.length : end + pasteEnd.length
      plain += typed.slice(i, to)
      i = to - 1
      waiting = false
    } else if (waiting) {
      waiting = false
      const action = afterPrefix(key)
      if (action === undefined) plain += key === prefixKey ? prefixKey : prefixKey + key
      else {
        send()
        actions.push(action)
      }
    } else if (key === prefixKey) waiting = true
    else if (readOnly && (key === "q" || key === ctrlC)) actions.push({ _tag: "Detach" })
    else plain += key
  }
  send()
  return { prefixed: waiting, actions }
}

const afterPrefix = (key: string): KeyAction | undefined => {
  if (key === "d" || key === "D" || key === "\x04") return { _tag: "Detach" }
  if (key === "f" || key === "F" || key === "\x06") return { _tag: "Flush" }
  return key === "?" ? { _tag: "Help" } : undefined
}
