/** Every message that was sent, and what the engine, the agents and the dead letters know of it. */
import { existsSync, readFileSync } from "node:fs"
import type { EngineEvent } from "../../src/testing/engine/Observations.ts"

interface Entry {
  readonly marker: string
  readonly agent: string
  /** Undefined until the engine made its row; `none`: it never did, because the agent had no mailbox then. */
  state: string | undefined
}

export interface Verdict {
  readonly sent: number
  readonly typed: number
  readonly buried: number
  readonly open: ReadonlyArray<string>
  readonly lost: ReadonlyArray<string>
  readonly twice: ReadonlyArray<string>
}

export const makeLedger = (fileOf: (agent: string) => string) => {
  const byMessage = new Map<string, Entry>()
  /** Rows that came before the sender knew the id. */
  const early = new Map<string, string>()
  return {
    onEvent: (event: EngineEvent): void => {
      if (event._tag !== "Row") return
      const entry = byMessage.get(event.msgId)
      if (entry === undefined) early.set(event.msgId, event.state)
      else entry.state = event.state
    },
    sent: (o: { readonly messageId: string; readonly marker: string; readonly agent: string }): void => {
      byMessage.set(o.messageId, { marker: o.marker, agent: o.agent, state: early.get(o.messageId) })
      early.delete(o.messageId)
    },
    /** `letters`: message ids that the broker has put aside. */
    judge: (letters: ReadonlySet<string>): Verdict => {
      const texts = new Map<string, string>()
      const textOf = (agent: string) => {
        const known = texts.get(agent)
        if (known !== undefined) return known
        const file = fileOf(agent)
        const text = existsSync(file)
          ? readFileSync(file, "utf8")
              .split("\n")
              .filter((line) => line !== "")
              .map((line) => String(JSON.parse(line).data))
              .join("")
          : ""
        texts.set(agent, text)
        return text
      }
      const open: Array<string> = []
      const lost: Array<string> = []
      const twice: Array<string> = []
      let typed = 0
      let buried = 0
      for (const [messageId, { agent, marker, state }] of byMessage) {
        const times = textOf(agent).split(marker).length - 1
        const isBuried = letters.has(messageId)
        if (times > 1) twice.push(`${marker} to ${agent}: ${times} times`)
        if (times > 0) typed += 1
        else if (isBuried) buried += 1
        else if (state === "acked") lost.push(`${marker} to ${agent}: acked, neither typed nor put aside`)
        if (state !== "acked" && state !== undefined) open.push(`${marker} to ${agent}: ${state}`)
        if (state === undefined) lost.push(`${marker} to ${agent}: the engine made no row`)
      }
      return { sent: byMessage.size, typed, buried, open, lost, twice }
    }
  }
}

export type Ledger = ReturnType<typeof makeLedger>
