/**
 * The model behind an agent CLI, on loopback: speaks the vendors' four APIs, does what the user's text says (script.ts),
 * and keeps every request with its time. Its record is the only judge of what an agent received.
 *
 * `http://127.0.0.1:<port>/<who>/…`: the first part of a path names who asks, so that one server serves several agents.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { type Answer, type Api, type Json, type ReadRequest, summaryText, type ToolCall } from "./Api.ts"
import { chat } from "./chat.ts"
import { gemini, schemaAnswer } from "./gemini.ts"
import { messages } from "./messages.ts"
import { responses } from "./responses.ts"
import { readScript } from "./script.ts"

const apis: ReadonlyArray<Api> = [messages, responses, chat, gemini]

export interface Exchange extends ReadRequest {
  readonly number: number
  readonly who: string
  readonly api: Api["name"]
  /** When the whole request had been read, milliseconds since the epoch. */
  readonly at: number
  /** As sent by the program. */
  readonly body: Json
  status: number
  /** `answered`: to the end; `left`: the program closed the connection before. */
  outcome: "open" | "answered" | "left"
  endedAt: number | undefined
}

/** A request that is none of the APIs: a check of the quota, telemetry, a page of documentation. */
export interface OtherRequest {
  readonly at: number
  readonly who: string
  readonly method: string
  readonly path: string
}

export interface ModelServer {
  readonly port: number
  /** For `who`; each family's own variable wants it in its own form (homes.ts). */
  readonly url: (who: string) => string
  readonly exchanges: ReadonlyArray<Exchange>
  readonly others: ReadonlyArray<OtherRequest>
  /** Called when a request came in, and again when its answer ended. */
  readonly onExchange: (listener: (exchange: Exchange) => void) => () => void
  readonly close: () => Promise<void>
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
}

const parse = (body: string): Json => {
  try {
    return JSON.parse(body) as Json
  } catch {
    return {}
  }
}

const json = (response: ServerResponse, status: number, value: Json): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))
}

/** A summary takes that long: something can happen meanwhile. */
const compactingMillis = 4_000

class ClientLeft extends Error {}

const waiter =
  (response: ServerResponse) =>
  (millis: number): Promise<void> =>
    new Promise((resolve, reject) => {
      if (response.destroyed) return reject(new ClientLeft())
      if (millis <= 0) return resolve()
      const timer = setTimeout(() => {
        response.off("close", left)
        resolve()
      }, millis)
      const left = () => {
        clearTimeout(timer)
        reject(new ClientLeft())
      }
      response.once("close", left)
    })

const callOf = (api: Api, script: ReturnType<typeof readScript>, read: ReadRequest): ToolCall | undefined => {
  if (script.shell !== undefined) return api.shellCall(read.tools, script.shell.command, script.shell.asks)
  if (script.ask) return api.askCall(read.tools)
  const { mcp } = script
  if (mcp === undefined) return undefined
  const name = read.tools.find((tool) => tool.endsWith(mcp.tool))
  return name === undefined ? undefined : { name, input: mcp.input }
}

export const startModelServer = async (o: { readonly port?: number } = {}): Promise<ModelServer> => {
  const exchanges: Array<Exchange> = []
  const others: Array<OtherRequest> = []
  const listeners = new Set<(exchange: Exchange) => void>()
  /** Refusals so far, by who asked and what the text was. */
  const refusals = new Map<string, number>()
  const tell = (exchange: Exchange) => {
    for (const listener of listeners) listener(exchange)
  }

  const answer = async (api: Api, who: string, path: string, body: Json, response: ServerResponse): Promise<void> => {
    const read = api.read(body, path)
    const number = exchanges.length + 1
    const exchange: Exchange = {
      ...read,
      number,
      who,
      api: api.name,
      at: Date.now(),
      body,
      status: 200,
      outcome: "open",
      endedAt: undefined
    }
    exchanges.push(exchange)
    const end = (outcome: Exchange["outcome"]) => {
      if (exchange.outcome !== "open") return
      exchange.outcome = outcome
      exchange.endedAt = Date.now()
      tell(exchange)
    }
    response.once("close", () => end(response.writableFinished ? "answered" : "left"))
    tell(exchange)
    const fresh = read.texts.filter(({ isNew }) => isNew).map((each) => each.text)
    const isCompacting = fresh.some((each) => /summar(y|ize) of (the|our) conversation|CONTEXT CHECKPOINT/i.test(each))
    const plain = readScript([])
    const script = isCompacting ? { ...plain, thinkMillis: compactingMillis } : read.isTurn ? readScript(fresh) : plain
    const schema = schemaAnswer(body)
    const said = isCompacting ? summaryText : schema
    const result: Answer = {
      script: said === undefined ? script : { ...script, say: said },
      call: callOf(api, script, read),
      request: read,
      id: `${process.pid}_${number}`
    }
    if (script.status !== undefined) {
      const key = `${who} ${fresh.join("\n")}`
      const sofar = refusals.get(key) ?? 0
      if (sofar < script.status.times) {
        refusals.set(key, sofar + 1)
        exchange.status = script.status.code
        return json(response, script.status.code, api.error(script.status.code))
      }
    }
    const wait = waiter(response)
    await wait(script.silentMillis)
    if (!read.stream) {
      await wait(script.thinkMillis + script.streamMillis)
      return json(response, 200, api.whole(result))
    }
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
    const event = (data: unknown, name?: string) => {
      response.write(`${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`)
    }
    await api.stream({ response, event, wait }, result)
    response.end()
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1")
    const who = pathname.split("/")[1] ?? ""
    const body = await readBody(request)
    const api = request.method === "POST" ? apis.find((each) => each.matches(pathname)) : undefined
    if (api !== undefined) return answer(api, who, pathname, parse(body), response)
    others.push({ at: Date.now(), who, method: request.method ?? "", path: pathname })
    if (/count_tokens$|:countTokens$/.test(pathname)) {
      const tokens = Math.ceil(body.length / 4)
      return json(response, 200, { input_tokens: tokens, totalTokens: tokens })
    }
    json(response, request.method === "HEAD" ? 200 : 404, { error: { message: "not served here" } })
  }

  const server: Server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (error instanceof ClientLeft) return
      process.stderr.write(`[model] ${error instanceof Error ? error.stack : String(error)}\n`)
      response.destroy()
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(o.port ?? 0, "127.0.0.1", resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: (who) => `http://127.0.0.1:${port}/${who}`,
    exchanges,
    others,
    onExchange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
