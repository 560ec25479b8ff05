/**
 * The place of the one sidecar: a local process that serves declared actions. The socket hands over its peers and
 * their control frames; actions ask for handlers; the node's manifest follows who sits there.
 *
 * One sidecar is served at a time. Who comes second is told so and may try again; the seat is free as soon as the first
 * one deregisters or its socket closes.
 */

import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import { Alerts } from "../alerts/Alerts.ts"
import { HandlerFailed, HandlerUnavailable, SidecarRefused } from "../domain/Errors.ts"
import type { InvocationId } from "../domain/Ids.ts"
import type { Json } from "../domain/Json.ts"
import { version } from "../domain/Version.ts"
import { NodeControl } from "../node/NodeControl.ts"
import type { NodeDescriptor } from "../node/NodeDescriptor.ts"
import type { Capability } from "../wire/Outbound.ts"
import { type ControlRequest, type Manifest, type Payload, protocolVersion } from "./Frames.ts"
import { invokeHandler } from "./Protocol.ts"
import type { LaunchSidecar } from "./SidecarProcess.ts"
import { makeSupervisor, policyOf } from "./Supervisor.ts"
import { commandOf } from "./supervisedCommand.ts"

/** One open socket. */
export interface SidecarPeer {
  /** Queues one frame. Never blocks: a peer that does not read is dropped by its socket. */
  readonly send: (text: string) => Effect.Effect<void>
}

export interface SidecarConnection {
  /** The result for the `ok` reply. Takes no time: the order of frames is the order of their effects. */
  readonly control: (request: ControlRequest) => Effect.Effect<Json, SidecarRefused>
  /** The socket is gone. What was in flight is answered `HandlerUnavailable`; supervision begins. */
  readonly lost: Effect.Effect<void>
}

/** How an invocation ended that was given to a handler. */
export type InvocationEnd =
  | "answered"
  /** The sidecar left before its answer: the engine is told `handler_unavailable` and may run it again. */
  | "abandoned"
  /** Nobody waits for it any more: its 25 s were over. */
  | "expired"

export interface SidecarView {
  readonly name: string
  readonly handlers: ReadonlyArray<string>
  readonly sinceMillis: number
  readonly inFlight: number
}

export class SidecarHub extends Context.Tag("relay-broker/sidecar/SidecarHub")<
  SidecarHub,
  {
    /** A handler is registered under exactly this name. */
    readonly handles: (name: string) => Effect.Effect<boolean>
    /** Runs the handler; an interrupted caller makes its late answer unknown. */
    readonly invoke: (o: {
      readonly invocationId: InvocationId
      readonly name: string
      readonly input: unknown
    }) => Effect.Effect<Json, HandlerFailed | HandlerUnavailable>
    /** Completes when the invocation is over; at once with `undefined` when it is not in flight here. */
    readonly awaitEnd: (invocationId: InvocationId) => Effect.Effect<InvocationEnd | undefined>
    readonly connect: (peer: SidecarPeer) => Effect.Effect<SidecarConnection>
    /** Undefined: nobody is registered. */
    readonly view: Effect.Effect<SidecarView | undefined>
    /** Ends a sidecar that was started here, and starts none again. Bounded by 3 s. */
    readonly stop: Effect.Effect<void>
  }
>() {
  /** No sidecar is ever served: for compositions without a local API. */
  static readonly none = Layer.succeed(SidecarHub, {
    handles: () => Effect.succeed(false),
    invoke: ({ name }) => Effect.fail(new HandlerUnavailable({ action: name, reason: "no sidecar is served here" })),
    awaitEnd: () => Effect.succeed(undefined),
    connect: () =>
      Effect.succeed({
        control: () =>
          Effect.fail(
            new SidecarRefused({ code: "frame_failed", reason: "no sidecar is served here", retryable: false })
          ),
        lost: Effect.void
      }),
    view: Effect.succeed(undefined),
    stop: Effect.void
  })
}

// What the node tells the engine of itself, from what is served here. Pure.
//
// Invariants: 1. never bare `spawn` or `release`: the engine would pin them to this node for the whole workspace ·
// 2. an action of the manifest only while its handler is registered, so that nothing is offered that would be refused;
// `spawn:<cli>` without a handler is offered, because the broker spawns itself · 3. names once; the sidecar's entry wins
// over the broker's own · 4. without a sidecar exactly the broker's own (`--capability`), which is the bootstrap manifest.

export interface Declaration {
  readonly capabilities: ReadonlyArray<Capability>
  /**
   * What else a manifest says; absent without a sidecar. Not its name: engine 5.x finds a node by name when a token is
   * minted, so the node keeps the one it was enrolled under. 9.1.6 renames it, and gets no token any more when the
   * present one is refused (docs/compatibility.md).
   */
  readonly node?: {
    /** 0: unlimited. */
    readonly maxAgents: number
    readonly tags: ReadonlyArray<string>
  }
}

const captured: ReadonlySet<string> = new Set(["spawn", "release"])

export const isSpawn = (name: string): boolean => /^spawn:./.test(name)

export interface Served {
  readonly manifest: Manifest
  readonly handlers: ReadonlySet<string>
}

const ofSidecar = ({ handlers, manifest }: Served): ReadonlyArray<Capability> =>
  manifest.capabilities
    .filter(({ name }) => !captured.has(name) && (isSpawn(name) || handlers.has(name)))
    .map(({ kind, metadata, name }) => ({
      name,
      ...(kind === undefined ? {} : { kind }),
      ...(metadata === undefined ? {} : { metadata })
    }))

export const declarationOf = (own: ReadonlyArray<Capability>, served: Served | undefined): Declaration => {
  if (served === undefined) return { capabilities: own }
  const byName = new Map([...own, ...ofSidecar(served)].map((capability) => [capability.name, capability]))
  const { max_agents, tags } = served.manifest
  return {
    capabilities: [...byName.values()],
    node: { maxAgents: max_agents ?? 0, tags: tags ?? [] }
  }
}

/** Names of the manifest that no sidecar can have. */
export const neverDeclared = ({ capabilities }: Manifest): ReadonlyArray<string> =>
  capabilities.map(({ name }) => name).filter((name) => captured.has(name))

// Invocations that a handler was given and has not answered. Each ends exactly once, by whoever comes first: its answer,
// the loss of its sidecar, or the caller who stopped waiting.

/** A sidecar that answers nothing is not given more. The engine queues 100 frames for a node that is away. */
export const inFlightLimit = 1_000

type Outcome = Either.Either<Json, HandlerFailed | HandlerUnavailable>

interface Entry {
  readonly action: string
  readonly outcome: Deferred.Deferred<Json, HandlerFailed | HandlerUnavailable>
  readonly end: Deferred.Deferred<InvocationEnd>
}

export class InFlight {
  private readonly entries = new Map<InvocationId, Entry>()

  get size(): number {
    return this.entries.size
  }

  /** Waits for the answer after `send` has handed the frame over. */
  run(
    id: InvocationId,
    action: string,
    send: Effect.Effect<void>
  ): Effect.Effect<Json, HandlerFailed | HandlerUnavailable> {
    return Effect.suspend(() => {
      if (this.entries.size >= inFlightLimit || this.entries.has(id)) {
        const reason = this.entries.has(id) ? `${id} is being handled` : `${inFlightLimit} invocations are open`
        return Effect.fail(new HandlerFailed({ action, reason }))
      }
      const entry: Entry = {
        action,
        outcome: Deferred.unsafeMake(FiberId.none),
        end: Deferred.unsafeMake(FiberId.none)
      }
      this.entries.set(id, entry)
      return send.pipe(
        Effect.zipRight(Deferred.await(entry.outcome)),
        Effect.onInterrupt(() => Effect.sync(() => this.close(id, entry, "expired", undefined)))
      )
    })
  }

  /** False: nothing of this id is in flight. */
  answer(id: InvocationId, answer: { readonly output: Json } | { readonly error: string }): boolean {
    const entry = this.entries.get(id)
    if (entry === undefined) return false
    const { action } = entry
    const outcome: Outcome =
      "error" in answer
        ? Either.left(
            new HandlerFailed({ action, reason: answer.error.trim() === "" ? `${action} failed` : answer.error })
          )
        : Either.right(answer.output)
    this.close(id, entry, "answered", outcome)
    return true
  }

  /** The sidecar has left: all of it. */
  abandon(reason: string): void {
    for (const [id, entry] of this.entries) {
      const error = new HandlerUnavailable({ action: entry.action, reason })
      this.close(id, entry, "abandoned", Either.left(error))
    }
  }

  awaitEnd(id: InvocationId): Effect.Effect<InvocationEnd | undefined> {
    return Effect.suspend((): Effect.Effect<InvocationEnd | undefined> => {
      const entry = this.entries.get(id)
      return entry === undefined ? Effect.succeed(undefined) : Deferred.await(entry.end)
    })
  }

  private close(id: InvocationId, entry: Entry, end: InvocationEnd, outcome: Outcome | undefined): void {
    if (this.entries.get(id) !== entry) return
    this.entries.delete(id)
    if (outcome !== undefined) Deferred.unsafeDone(entry.outcome, outcome)
    Deferred.unsafeDone(entry.end, Effect.succeed(end))
  }
}

// `SidecarHub` over the seat, the invocations in flight and supervision.
//
// Invariants: 1. the seat changes hands only through `register_node`, `register_handlers`, `deregister_node` and the loss
// of the socket · 2. who leaves the seat, in whatever way, leaves nothing in flight and nothing declared · 3. declarations
// are conflated and sent in order: the last one says what is.

export interface SidecarHubOptions {
  /** Served without a sidecar (`--capability`): `spawn:<cli>` only. */
  readonly capabilities: ReadonlyArray<Capability>
  /** Tells the engine what this node serves now. */
  readonly declare: (declaration: Declaration) => Effect.Effect<void>
  readonly launch: LaunchSidecar
  readonly logPath: string | undefined
  /** What the engine calls this node, whatever a manifest says (`declaration.ts`). */
  readonly nodeName: Effect.Effect<string>
}

interface Seat {
  readonly peer: SidecarPeer
  readonly sinceMillis: number
  manifest: Manifest | undefined
  handlers: ReadonlySet<string>
}

const unknownInvocation = new SidecarRefused({
  code: "unknown_invocation",
  reason: "handler_result did not match an in-flight invocation",
  retryable: false
})

export const make = (o: SidecarHubOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const supervisor = yield* makeSupervisor({ alerts, launch: o.launch, logPath: o.logPath })
    yield* Effect.addFinalizer(() => supervisor.stop)
    const inFlight = new InFlight()
    const changed = yield* Mailbox.make<void>({ capacity: 1, strategy: "dropping" })
    let seat: Seat | undefined

    const declaration = (): Declaration =>
      declarationOf(
        o.capabilities,
        seat?.manifest === undefined ? undefined : { manifest: seat.manifest, handlers: seat.handlers }
      )
    yield* changed.take.pipe(
      Effect.zipRight(Effect.suspend(() => o.declare(declaration()))),
      Effect.catchTag("NoSuchElementException", () => Effect.interrupt),
      Effect.forever,
      Effect.forkScoped
    )

    /** In one step: two sockets may ask at once. */
    const sit = (peer: SidecarPeer): Effect.Effect<Seat, SidecarRefused> =>
      Effect.flatMap(Clock.currentTimeMillis, (sinceMillis) => {
        if (seat !== undefined && seat.peer !== peer) {
          const name = seat.manifest?.name
          const reason = `another sidecar${name === undefined ? "" : ` ("${name}")`} is registered here; stop it first`
          return Effect.fail(new SidecarRefused({ code: "sidecar_exists", reason, retryable: true }))
        }
        seat ??= { peer, sinceMillis, manifest: undefined, handlers: new Set() }
        return Effect.succeed(seat)
      })

    const registerNode = (peer: SidecarPeer, { manifest, supervision }: Payload<"register_node">) =>
      Effect.gen(function* () {
        const command = supervision === undefined ? undefined : yield* commandOf(supervision)
        const own = yield* sit(peer)
        own.manifest = manifest
        const supervised =
          command === undefined
            ? undefined
            : { name: manifest.name, command, policy: policyOf(supervision?.restart_policy) }
        yield* supervisor.seated(supervised)
        const nodeName = yield* o.nodeName
        if (manifest.name !== nodeName) {
          yield* Effect.logInfo(
            `sidecar "${manifest.name}" is served by node "${nodeName}": that is the name to target`
          )
        }
        const ignored = neverDeclared(manifest)
        if (ignored.length > 0) {
          yield* Effect.logWarning(
            `sidecar "${manifest.name}" declares ${ignored.join(", ")}: the engine's own, left out`
          )
        }
        yield* changed.offer()
        return { registered: true }
      })

    const registerHandlers = (peer: SidecarPeer, { names }: Payload<"register_handlers">) =>
      Effect.gen(function* () {
        const own = yield* sit(peer)
        own.handlers = new Set(names)
        yield* changed.offer()
        return { handlers_live: names.length > 0 }
      })

    const vacate = (peer: SidecarPeer, reason: string, goodbye: Effect.Effect<void>) =>
      Effect.suspend(() => {
        if (seat?.peer !== peer) return Effect.void
        seat = undefined
        inFlight.abandon(reason)
        return Effect.zipRight(goodbye, changed.offer())
      })

    const handlerResult = ({ error, invocation_id, output }: Payload<"handler_result">) =>
      Effect.suspend(() => {
        const known = inFlight.answer(invocation_id, error === undefined ? { output: output ?? null } : { error })
        return known ? Effect.succeed({ completed: true }) : Effect.fail(unknownInvocation)
      })

    const connect: SidecarHub["Type"]["connect"] = (peer) =>
      Effect.succeed({
        control: (request): Effect.Effect<Json, SidecarRefused> => {
          switch (request.type) {
            case "hello":
              return Effect.succeed({ broker_version: version, protocol_version: protocolVersion })
            case "register_node":
              return registerNode(peer, request.payload)
            case "register_handlers":
              return registerHandlers(peer, request.payload)
            case "deregister_node":
              return Effect.as(vacate(peer, "the sidecar deregistered", supervisor.withdrawn), { deregistered: true })
            case "handler_result":
              return seat?.peer === peer ? handlerResult(request.payload) : Effect.fail(unknownInvocation)
          }
        },
        lost: vacate(peer, "the sidecar left", supervisor.left)
      })

    const invoke: SidecarHub["Type"]["invoke"] = ({ input, invocationId, name }) =>
      Effect.suspend(() => {
        if (seat === undefined || !seat.handlers.has(name)) {
          const reason = seat === undefined ? "no sidecar is registered" : "the sidecar has no such handler"
          return Effect.fail(new HandlerUnavailable({ action: name, reason }))
        }
        const frame = invokeHandler({ invocationId, name, input })
        return Either.isLeft(frame)
          ? Effect.fail(new HandlerFailed({ action: name, reason: "its input is nested too deeply" }))
          : inFlight.run(invocationId, name, seat.peer.send(frame.right))
      })

    return SidecarHub.of({
      handles: (name) => Effect.sync(() => seat?.handlers.has(name) ?? false),
      invoke,
      awaitEnd: (id) => inFlight.awaitEnd(id),
      connect,
      view: Effect.sync(() =>
        seat === undefined
          ? undefined
          : {
              name: seat.manifest?.name ?? "",
              handlers: [...seat.handlers],
              sinceMillis: seat.sinceMillis,
              inFlight: inFlight.size
            }
      ),
      stop: Effect.suspend(() => {
        inFlight.abandon("the broker stops")
        return supervisor.stop
      })
    })
  })

/** The hub, declaring through the node session. What a sidecar's manifest says beyond its capabilities goes with it. */
export const layer = (o: Omit<SidecarHubOptions, "declare" | "nodeName"> & { readonly bootstrap: NodeDescriptor }) =>
  Layer.scoped(
    SidecarHub,
    Effect.gen(function* () {
      const control = yield* NodeControl
      const { maxAgents, tags } = o.bootstrap
      const declare = ({ capabilities, node }: Declaration) =>
        control.declare({ capabilities, maxAgents: node?.maxAgents ?? maxAgents, tags: node?.tags ?? tags }).pipe(
          Effect.catchTags({
            ConfigInvalid: (error) => Effect.logError(`capabilities not declared: ${error.message}`),
            NodeRequestRefused: (error) => Effect.logError(`capabilities not declared: ${error.message}`)
          })
        )
      return yield* make({ ...o, declare, nodeName: Effect.map(control.view, ({ nodeName }) => nodeName) })
    })
  )
