/** The published client packages, unmodified, against the real program and a fake engine on a real socket. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { makeEngine, makeRecorder, program, temporaryHome } from "../e2e/rig.ts"
import { type BrokerEvent, HarnessDriverClient, installed, type RuntimeSpawnOptions } from "./published.ts"

/** The program, or the broker it takes the place of: the same client drives both. */
export interface Subject {
  readonly name: string
  readonly binary: string
}

export const ours: Subject = { name: "relay-broker", binary: program }

/** 9.1.6, where the registry has its package for this platform. */
export const peer: Subject | undefined = (() => {
  const binary = join(installed, "node_modules", "@agent-relay", "broker-linux-x64", "bin", "agent-relay-broker")
  return existsSync(binary) ? { name: "agent-relay-broker 9.1.6", binary } : undefined
})()

export interface ConnectionFile {
  readonly url: string
  readonly api_key: string
  readonly pid: number
  readonly port: number
}

export const connectionIn = (directory: string): ConnectionFile =>
  JSON.parse(readFileSync(join(directory, "connection.json"), "utf8")) as ConnectionFile

export const environmentOf = (home: string, engineUrl: string, workspaceKey: string): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  LANG: process.env["LANG"],
  HOME: home,
  XDG_DATA_HOME: join(home, "data"),
  XDG_STATE_HOME: join(home, "logs"),
  RELAY_BASE_URL: engineUrl,
  AGENT_RELAY_WORKSPACE_KEY: workspaceKey
})

export const promise = <A>(run: () => Promise<A>) => Effect.promise(run)

/** An engine, the subject's broker started by the client itself as its users do, and `alice` to write to agents. */
export const makeClientWorld = (subject: Subject, o: Partial<RuntimeSpawnOptions> = {}) =>
  Effect.gen(function* () {
    const { baseUrl, engine } = yield* makeEngine()
    const home = o.cwd ?? (yield* temporaryHome)
    const { client, events } = yield* spawnClient(subject, {
      cwd: home,
      env: environmentOf(home, baseUrl, engine.key()),
      binaryArgs: { stateDir: join(home, "state") },
      ...o
    })
    /** As any other client finds it. */
    const apiKey = () => connectionIn(join(home, "state")).api_key
    yield* engine.awaitNode()
    yield* engine.registerAgent("alice")
    return { engine, baseUrl, home, client, events, apiKey, recorder: makeRecorder(home) }
  })

export const spawnClient = (subject: Subject, o: Partial<RuntimeSpawnOptions>) =>
  Effect.gen(function* () {
    const stderr: Array<string> = []
    const client = yield* Effect.acquireRelease(
      promise(() =>
        HarnessDriverClient.spawn({
          binaryPath: subject.binary,
          brokerName: "clients",
          startupTimeoutMs: 45_000,
          onStderr: (line) => void stderr.push(line),
          ...o
        })
      ),
      (started) => promise(() => started.shutdown())
    )
    const events: Array<BrokerEvent> = []
    client.onEvent((event) => void events.push(event))
    return { client, events, stderr }
  })

/** Resolves with the first event of that kind (and agent), past or to come. */
export const eventOf = (client: HarnessDriverClient, kind: string, name?: string, withinMillis = 15_000) =>
  promise(
    () =>
      new Promise<BrokerEvent>((resolve, reject) => {
        const known = client.getLastEvent(kind, name)
        if (known !== undefined) return resolve(known)
        const timer = setTimeout(() => {
          off()
          reject(new Error(`no ${kind} of ${name ?? "anybody"} within ${withinMillis} ms`))
        }, withinMillis)
        const off = client.onEvent((event) => {
          if (event.kind !== kind || (name !== undefined && "name" in event && event.name !== name)) return
          clearTimeout(timer)
          off()
          resolve(event)
        })
      })
  )
