/** Keys on their way to the agent: in order, over one socket, marked as a person's. */
import * as Effect from "effect/Effect"
import type { RawData } from "ws"
import type { ApiClient } from "../ApiClient.ts"
import { harmless } from "../Paint.ts"
import type { Happening } from "./Events.ts"

export interface Typing {
  /** False: the agent takes nothing, and the keys were dropped. */
  readonly send: (data: string) => boolean
}

/** Bytes that the broker has not taken; it stops taking while the program does not read. */
const mostUnsent = 1 << 20

export const openTyping = (client: ApiClient, name: string, offer: (happening: Happening) => void) =>
  Effect.map(client.socket(`/api/input/${encodeURIComponent(name)}/stream`), (socket): Typing => {
    socket.on("message", (data: RawData) => {
      const frame = JSON.parse(data.toString()) as { readonly type?: unknown; readonly message?: unknown }
      if (frame.type === "pty_input_error") offer({ _tag: "Notice", text: harmless(String(frame.message)) })
    })
    return {
      send: (data) => {
        if (socket.readyState !== socket.OPEN || socket.bufferedAmount > mostUnsent) return false
        socket.send(JSON.stringify({ type: "pty_input", data, human: true }))
        return true
      }
    }
  })
