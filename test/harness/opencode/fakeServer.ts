/** An opencode server as 1.18.33 behaves, as far as the channel speaks to it; what it does with a prompt is the test's. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as Effect from "effect/Effect"

export interface Prompted {
  readonly sessionId: string
  readonly messageID: string
  readonly text: string
  readonly model: unknown
}

export interface FakeOpencode {
  readonly port: number
  /** Sends an event to all that listen. */
  readonly send: (type: string, properties: unknown) => void
  readonly prompts: ReadonlyArray<Prompted>
  /** `METHOD path` of every request that came with the password, and `-` of those without. */
  readonly requests: ReadonlyArray<string>
  readonly busy: Set<string>
  readonly sessions: Map<string, Array<{ readonly id: string; readonly role: string; readonly text: string }>>
  /** Answers with this status in place of what it would do; undefined: never answers. */
  readonly refuse: Map<string, number | undefined>
  /** Ends the streams of events. */
  readonly breakOff: () => void
}

export const password = "test-password"

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  let text = ""
  for await (const chunk of request) text += chunk
  return text === "" ? {} : JSON.parse(text)
}

export const fakeOpencode = (sessions: ReadonlyArray<string> = []) =>
  Effect.acquireRelease(
    Effect.async<FakeOpencode & { readonly close: () => void }>((resume) => {
      const streams = new Set<ServerResponse>()
      const prompts: Array<Prompted> = []
      const requests: Array<string> = []
      const busy = new Set<string>()
      const known: FakeOpencode["sessions"] = new Map(sessions.map((id) => [id, []]))
      const refuse: FakeOpencode["refuse"] = new Map()
      const send = (type: string, properties: unknown) => {
        for (const stream of streams) stream.write(`data: ${JSON.stringify({ id: "evt_1", type, properties })}\n\n`)
      }
      const expected = `Basic ${Buffer.from(`opencode:${password}`).toString("base64")}`

      const answer = async (request: IncomingMessage, response: ServerResponse) => {
        const { method = "", url = "" } = request
        const path = url.replace(/\?.*$/, "")
        const json = (value: unknown, status = 200) => {
          response.writeHead(status, { "content-type": "application/json" })
          response.end(JSON.stringify(value))
        }
        if (request.headers.authorization !== expected) {
          requests.push(`- ${method} ${path}`)
          response.writeHead(401, { "www-authenticate": 'Basic realm="Secure Area"' })
          return response.end()
        }
        const what = `${method} ${path}`
        requests.push(what)
        const body = await bodyOf(request)
        if (refuse.has(what)) {
          const status = refuse.get(what)
          return status === undefined ? undefined : json({}, status)
        }
        if (what === "GET /event") {
          response.writeHead(200, { "content-type": "text/event-stream" })
          streams.add(response)
          response.on("close", () => streams.delete(response))
          return response.write(
            `data: ${JSON.stringify({ id: "evt_0", type: "server.connected", properties: {} })}\n\n`
          )
        }
        if (what === "POST /session") {
          const id = `ses_new${known.size}`
          known.set(id, [])
          return json({ id, title: "New session" })
        }
        if (what === "GET /session") return json([...known.keys()].reverse().map((id) => ({ id })))
        if (what === "GET /session/status")
          return json(Object.fromEntries([...busy].map((id) => [id, { type: "busy" }])))
        if (what === "GET /permission" || what === "GET /question") return json([])
        if (what === "GET /global/health") return json({ healthy: true, version: "1.18.33" })
        if (what === "POST /tui/select-session") return json(true)
        const [, id = "", rest = ""] = /^\/session\/([^/]+)(.*)$/.exec(path) ?? []
        const messages = known.get(id)
        if (messages === undefined) return json({ name: "NotFoundError" }, 404)
        if (rest === "/prompt_async") {
          const parts = body["parts"] as ReadonlyArray<{ readonly text: string }>
          const [{ text } = { text: "" }] = parts
          const messageID = String(body["messageID"])
          prompts.push({ sessionId: id, messageID, text, model: body["model"] })
          messages.push({ id: messageID, role: "user", text })
          response.writeHead(204)
          response.end()
          return send("message.updated", { sessionID: id, info: { id: messageID, role: "user", sessionID: id } })
        }
        if (rest === "/abort") {
          busy.delete(id)
          send("session.status", { sessionID: id, status: { type: "idle" } })
          return json(true)
        }
        const [, messageId] = /^\/message\/(.+)$/.exec(rest) ?? []
        if (method === "DELETE" && messageId !== undefined) {
          known.set(
            id,
            messages.filter((message) => message.id !== messageId)
          )
          return json(true)
        }
        if (rest === "/message") {
          return json(messages.map(({ id, role, text }) => ({ info: { id, role }, parts: [{ type: "text", text }] })))
        }
        return json({ id })
      }
      const server = createServer((request, response) => void answer(request, response))
      const breakOff = () => {
        for (const stream of streams) stream.destroy()
      }
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        const close = () => {
          server.closeAllConnections()
          server.close()
        }
        resume(Effect.succeed({ port, send, prompts, requests, busy, sessions: known, refuse, breakOff, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )
