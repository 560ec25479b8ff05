/**
 * `SidecarHub` over the seat, the invocations in flight and supervision.
 *
 * Invariants: 1. the seat changes hands only through `register_node`, `register_handlers`, `deregister_node` and the loss
 * of the socket · 2. who leaves the seat, in whatever way, leaves nothing in flight and nothing declared · 3. declarations
 * are conflated and sent in order: the last one says what is.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import { Alerts } from "../alerts/Alerts.ts"
import { HandlerFailed, HandlerUnavailable, SidecarRefused } from "../domain/Errors.ts"
import type { Json } from "../domain/Json.ts"
import { version } from "../domain/Version.ts"
import { NodeControl } from "../node/NodeControl.ts"
import type { NodeDescriptor } from "../node/NodeDescriptor.ts"
import type { Capability } from "../wire/Outbound.ts"
import { type Declaration, declarationOf, neverDeclared } from "./declaration.ts"
import { type Manifest, type Payload, protocolVersion } from "./Frames.ts"
import { InFlight } from "./InFlight.ts"
import { invokeHandler } from "./Protocol.ts"
import { policyOf } from "./restartPolicy.ts"
import { SidecarHub, type SidecarPeer } from "./SidecarHub.ts"
import type { LaunchSidecar } from "./SidecarProcess.ts"
import { makeSupervisor } from "./Supervisor.ts"
import { commandOf } from "./supervisedCommand.ts"

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
