/** One session of a client that uses every method once, as a list of named answers: run on both programs, compared. */
import * as Effect from "effect/Effect"
import { eventually } from "../e2e/rig.ts"
import { type HarnessDriverClient, HarnessDriverProtocolError } from "./published.ts"
import { eventOf, makeClientWorld, promise, type Subject } from "./rig.ts"

export type Answers = ReadonlyMap<string, unknown>

/** What a call that fails tells its caller. */
const refusal = async (call: () => Promise<unknown>) => {
  try {
    return { answered: await call() }
  } catch (error) {
    if (!(error instanceof HarnessDriverProtocolError)) throw error
    const { code, data, message, retryable, status } = error
    return { refused: { code, message, retryable, status, data } }
  }
}

const steps: ReadonlyArray<readonly [name: string, call: (client: HarnessDriverClient, cli: Cli) => Promise<unknown>]> =
  [
    ["getSession", (client) => client.getSession()],
    ["healthCheck", (client) => client.healthCheck()],
    ["getConfig", (client) => client.getConfig()],
    ["renewLease", (client) => client.renewLease()],
    ["listAgents empty", (client) => client.listAgents()],
    ["listAgents", (client) => client.listAgents()],
    ["getStatus", (client) => client.getStatus()],
    ["getMetrics", (client) => client.getMetrics()],
    ["getMetrics of one", (client) => client.getMetrics("w1")],
    ["getMetrics of nobody", (client) => refusal(() => client.getMetrics("ghost"))],
    ["getCrashInsights", (client) => client.getCrashInsights()],
    ["preflight", (client) => client.preflight([{ name: "later", cli: "cat" }])],
    ["resizePty", (client) => client.resizePty("w1", 30, 100)],
    ["resizePty to nothing", (client) => refusal(() => client.resizePty("w1", 0, 100))],
    ["resizePty of nobody", (client) => refusal(() => client.resizePty("ghost", 30, 100))],
    ["sendInput", (client) => client.sendInput("w1", "x")],
    ["sendInput to nobody", (client) => refusal(() => client.sendInput("ghost", "x"))],
    ["snapshot", (client) => client.snapshot("w1")],
    ["snapshot ansi", (client) => client.snapshot("w1", "ansi")],
    ["snapshot of nobody", (client) => refusal(() => client.snapshot("ghost"))],
    ["getInboundDeliveryMode", (client) => client.getInboundDeliveryMode("w1")],
    ["setInboundDeliveryMode manual", (client) => client.setInboundDeliveryMode("w1", "manual_flush")],
    ["sendMessage held", (client) => client.sendMessage({ to: "w1", text: "held", from: "lead" })],
    ["getPending", (client) => client.getPending("w1")],
    ["flushPending", (client) => client.flushPending("w1")],
    ["setInboundDeliveryMode auto", (client) => client.setInboundDeliveryMode("w1", "auto_inject")],
    ["delivery mode of nobody", (client) => refusal(() => client.getInboundDeliveryMode("ghost"))],
    ["getPending of nobody", (client) => refusal(() => client.getPending("ghost"))],
    ["flushPending of nobody", (client) => refusal(() => client.flushPending("ghost"))],
    ["sendMessage local", (client) => client.sendMessage({ to: "w1", text: "here", from: "lead" })],
    ["sendMessage to the engine", (client) => client.sendMessage({ to: "alice", text: "there", from: "lead" })],
    ["sendMessage to nobody", (client) => refusal(() => client.sendMessage({ to: "ghost", text: "?", from: "lead" }))],
    ["sendMessage to a channel", (client) => client.sendMessage({ to: "#general", text: "all", from: "lead" })],
    ["subscribeChannels", (client) => client.subscribeChannels("w1", ["design"])],
    ["unsubscribeChannels", (client) => client.unsubscribeChannels("w1", ["design"])],
    ["subscribeChannels of nobody", (client) => refusal(() => client.subscribeChannels("ghost", ["design"]))],
    ["setModel", (client) => client.setModel("w1", "opus")],
    ["setModel to nothing", (client) => refusal(() => client.setModel("w1", " "))],
    ["setModel of nobody", (client) => refusal(() => client.setModel("ghost", "opus"))],
    ["spawnPty of a name that is taken", (client, cli) => refusal(() => client.spawnPty({ name: "w1", ...cli }))],
    ["release", (client) => client.release("w1", "done")],
    ["release of nobody", (client) => client.release("ghost")]
  ]

interface Cli {
  readonly cli: string
  readonly args: Array<string>
}

/** Raw routes that the client has no method for. */
const routes: ReadonlyArray<string> = ["/api/threads", "/api/history/stats", "/api/events/replay?sinceSeq=0", "/health"]

export const runScript = (subject: Subject) =>
  Effect.gen(function* () {
    const { apiKey, client, recorder } = yield* makeClientWorld(subject)
    const { args, cli } = recorder.spec("w1")
    const program: Cli = { cli, args: [...args] }
    const answers = new Map<string, unknown>()
    for (const [name, call] of steps) {
      if (name === "listAgents") {
        const handle = yield* promise(() => client.spawnPty({ name: "w1", ...program, channels: ["general"] }))
        answers.set("spawnPty", { name: handle.name, runtime: handle.runtime })
        answers.set("agent_spawned", yield* eventOf(client, "agent_spawned", "w1"))
        answers.set("worker_ready", yield* eventOf(client, "worker_ready", "w1", 40_000))
        yield* eventually(() => recorder.reads("w1") !== undefined, "the recorder")
      }
      answers.set(name, yield* promise(() => call(client, program)))
    }
    for (const route of routes) {
      const response = yield* promise(() => fetch(`${client.baseUrl}${route}`, { headers: { "x-api-key": apiKey() } }))
      answers.set(route, yield* promise(() => response.json() as Promise<unknown>))
    }
    for (const kind of ["delivery_queued", "delivery_injected", "delivery_verified", "relay_inbound", "agent_released"])
      answers.set(kind, client.getLastEvent(kind))
    return answers as Answers
  })
