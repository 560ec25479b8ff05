/**
 * An engine whose every frame is held against the published schemas, and a node played by hand over either door. When
 * the test ends, the engine must never have been asked for `/v1/ws`.
 */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { LinkLost } from "../../src/domain/Errors.ts"
import { type NodeConnection, NodeLink } from "../../src/node/NodeLink.ts"
import * as WsNodeLink from "../../src/node/WsNodeLink.ts"
import { FakeEngine, type FakeEngineOptions, type FakeEngineService } from "../../src/testing/index.ts"
import { publishedInbound, publishedOutbound } from "../support/publishedSchemas.ts"

export type Frame = { readonly type: string; readonly [key: string]: unknown }

export const makeEngine = (o: FakeEngineOptions = {}): Effect.Effect<FakeEngineService, never, Scope.Scope> =>
  Effect.tap(FakeEngine.make({ validateFrame: publishedOutbound, ...o }), (engine) =>
    Effect.addFinalizer(() =>
      Effect.sync(() => {
        assert.strictEqual(engine.observations.observerSocketAttempts, 0, "/v1/ws was tried")
        for (const { frame } of engine.observations.sent)
          assert.isUndefined(publishedInbound(frame), `the engine sent ${JSON.stringify(frame)}`)
      })
    )
  )

export type Door = "memory" | "socket"

/** A link to the engine through one of its two doors. */
export const linkTo = (engine: FakeEngineService, door: Door) =>
  Effect.gen(function* () {
    if (door === "memory") return yield* Effect.provide(NodeLink, engine.nodeLinkLayer)
    const { baseUrl } = yield* Effect.orDie(engine.listen())
    const layer: Layer.Layer<NodeLink> = WsNodeLink.layer({ baseUrl, userAgent: "hand" })
    return yield* Effect.provide(NodeLink, layer)
  })

export interface HandNode {
  readonly id: string
  readonly name: string
  readonly connection: NodeConnection
  readonly send: (frame: Frame | string) => Effect.Effect<void, LinkLost>
  /** The next frame from the engine, whatever it is. */
  readonly next: Effect.Effect<Frame>
  /** Everything that the engine has sent by now: a raw `ping` marks the end. */
  readonly drain: Effect.Effect<ReadonlyArray<Frame>>
  /** Sends with an id and takes frames until the answer; what came before it is dropped. */
  readonly request: (frame: Frame) => Effect.Effect<Frame>
  readonly register: (o?: {
    readonly capabilities?: ReadonlyArray<string>
    readonly maxAgents?: number
  }) => Effect.Effect<Frame>
  readonly beat: (o?: {
    readonly load?: number
    readonly activeAgents?: number
    readonly handlersLive?: boolean
  }) => Effect.Effect<void>
  /** Gives the agent's id. */
  readonly host: (name: string) => Effect.Effect<string>
  readonly ack: (agent: string, upTo: number) => Effect.Effect<void>
}

export const connectNode = (
  engine: FakeEngineService,
  o: { readonly name: string; readonly door?: Door; readonly token?: string; readonly id?: string }
): Effect.Effect<HandNode, never, Scope.Scope> =>
  Effect.orDie(
    Effect.gen(function* () {
      const enrolled =
        o.token === undefined
          ? yield* engine.enrollNode(o.name)
          : { id: o.id ?? engine.node(o.name)?.id ?? "", name: o.name, token: o.token }
      const link = yield* linkTo(engine, o.door ?? "memory")
      return yield* handNode(engine, enrolled, yield* link.connect(Redacted.make(enrolled.token)))
    })
  )

export const handNode = (
  engine: FakeEngineService,
  { id, name }: { readonly id: string; readonly name: string },
  connection: NodeConnection
): Effect.Effect<HandNode> =>
  Effect.sync(() => {
    let requests = 0
    const send: HandNode["send"] = (frame) =>
      connection.send(typeof frame === "string" ? frame : JSON.stringify({ v: 1, ...frame }))
    const next = Effect.map(Effect.orDie(connection.inbound.take), (text) => JSON.parse(text) as Frame)
    const until = (found: (frame: Frame) => boolean) =>
      Effect.gen(function* () {
        const frames: Array<Frame> = []
        while (true) {
          const frame = yield* next
          if (found(frame)) return { frames, frame }
          frames.push(frame)
        }
      })
    const request: HandNode["request"] = (frame) => {
      const request = `hand${++requests}`
      return Effect.zipRight(
        Effect.orDie(send({ id: request, ...frame })),
        Effect.map(
          until((answer) => answer["id"] === (frame["id"] ?? request)),
          ({ frame }) => frame
        )
      )
    }
    return {
      id,
      name,
      connection,
      send,
      next,
      drain: Effect.orDie(engine.sendRaw(name, { v: 1, type: "ping" })).pipe(
        Effect.zipRight(until((frame) => frame.type === "ping")),
        Effect.map(({ frames }) => frames)
      ),
      request,
      register: (o = {}) =>
        request({
          type: "node.register",
          name,
          node_id: id,
          capabilities: (o.capabilities ?? []).map((capability) => ({ name: capability })),
          max_agents: o.maxAgents ?? 0,
          tags: [],
          version: "hand/1"
        }),
      beat: (o = {}) =>
        Effect.orDie(
          send({
            type: "node.heartbeat",
            load: o.load ?? 0,
            active_agents: o.activeAgents ?? 0,
            handlers_live: o.handlersLive ?? true
          })
        ),
      host: (agent) =>
        Effect.map(request({ type: "agent.register", name: agent }), (reply) => {
          assert.strictEqual(reply.type, "reply", JSON.stringify(reply))
          return (reply["data"] as { readonly agent_id: string }).agent_id
        }),
      ack: (agent, upTo) => Effect.orDie(send({ type: "delivery.ack", agent, up_to_seq: upTo }))
    }
  })

/** `deliver` frames as `agent seq`, for comparing orders. */
export const deliveries = (frames: ReadonlyArray<Frame>): ReadonlyArray<string> =>
  frames.flatMap((frame) => (frame.type === "deliver" ? [`${frame["agent"]} ${frame["seq"]}`] : []))

/** Each test through both doors, in real time. */
export const throughBothDoors = (
  name: string,
  test: (door: Door) => Effect.Effect<void, unknown, Scope.Scope>
): void => {
  it.scopedLive(`${name} (in memory)`, () => test("memory"))
  it.scopedLive(`${name} (on a socket)`, () => test("socket"))
}
