/**
 * Invocations on their way: placing spawns, dispatch and the queue of a node without a socket, the 30 s retry sweep,
 * results.
 */

import { removeAgent } from "./Agents.ts"
import { iso } from "./Ids.ts"
import { fanOut } from "./Mailboxes.ts"
import { type Core, type EngineNode, type Invocation, refuse } from "./Model.ts"

import { hasRoom, isLive, provides, unbind } from "./Nodes.ts"

export const dispatchTimeoutMillis = 30_000
const queueLimit = 100

export const isOpen = (invocation: Invocation): boolean =>
  invocation.status === "pending" || invocation.status === "dispatched"

const note = (core: Core, invocation: Invocation): void =>
  core.recorder.emit({
    _tag: "Invocation",
    at: core.now(),
    id: invocation.id,
    action: invocation.actionName,
    status: invocation.status,
    node: invocation.dispatchedNode?.name
  })

const returnSlot = (invocation: Invocation): void => {
  if (invocation.reservedOn !== undefined) invocation.reservedOn.reserved--
  invocation.reservedOn = undefined
}

const unqueue = (invocation: Invocation): void => {
  const queue = invocation.dispatchedNode?.queue
  const at = queue?.indexOf(invocation) ?? -1
  if (at >= 0) queue?.splice(at, 1)
}

const send = (core: Core, invocation: Invocation, node: EngineNode): void => {
  invocation.attempts++
  invocation.tried.add(node.id)
  invocation.dispatchedAt = core.now()
  invocation.status = "dispatched"
  const agent = invocation.handlerAgent
  node.socket?.send({
    v: 1,
    type: "action.invoke",
    invocation_id: invocation.id,
    action: invocation.frameAction,
    ...(agent === undefined ? {} : { agent_id: agent.id, agent_name: agent.name }),
    input: invocation.input
  })
  // Every later frame of a spawn carries the bare name.
  if (invocation.kind === "spawn") invocation.frameAction = "spawn"
  note(core, invocation)
}

/** To the node now, or into its queue when it has no socket. */
export const dispatch = (core: Core, invocation: Invocation, node: EngineNode): void => {
  invocation.handlerNode = node
  invocation.dispatchedNode = node
  invocation.nextAttemptAt = undefined
  if (invocation.kind === "spawn" && invocation.reservedOn !== node) {
    returnSlot(invocation)
    node.reserved++
    invocation.reservedOn = node
  }
  if (node.socket !== undefined) {
    send(core, invocation, node)
    return
  }
  if (node.queue.length >= queueLimit)
    refuse(503, "handler_unavailable", `Node "${node.name}" is offline and its queue is full`)
  invocation.status = "pending"
  if (!node.queue.includes(invocation)) node.queue.push(invocation)
  note(core, invocation)
}

/** At accept only what is not a spawn leaves; after a register or a heartbeat everything. */
export const drainQueue = (core: Core, node: EngineNode, which: "non-spawn" | "all"): void => {
  if (node.socket === undefined) return
  const leaving = node.queue.filter((invocation) => which === "all" || invocation.kind !== "spawn")
  for (const invocation of leaving) {
    node.queue.splice(node.queue.indexOf(invocation), 1)
    if (isOpen(invocation) && invocation.dispatchedNode === node) send(core, invocation, node)
  }
}

/** Live nodes with the capability, handlers and room: lowest load, then fewest agents, then name. */
const candidates = (core: Core, invocation: Invocation): ReadonlyArray<EngineNode> =>
  [...invocation.workspace.nodes.values()]
    .filter(
      (node) =>
        node.socket !== undefined &&
        isLive(core, node) &&
        node.handlersLive &&
        provides(node, invocation.wanted ?? "") &&
        (hasRoom(node) || invocation.reservedOn === node)
    )
    .sort((a, b) => a.load - b.load || a.activeAgents - b.activeAgents || (a.name < b.name ? -1 : 1))

export const placeSpawn = (core: Core, invocation: Invocation, target: EngineNode | undefined): void => {
  const wanted = invocation.wanted ?? ""
  if (target === undefined) {
    const node = candidates(core, invocation)[0]
    if (node === undefined) refuse(503, "handler_unavailable", `No live node provides ${wanted}`)
    dispatch(core, invocation, node)
    return
  }
  if (!provides(target, wanted)) refuse(409, "capability_mismatch", `Node "${target.name}" does not provide ${wanted}`)
  if (!hasRoom(target)) refuse(503, "node_capacity_exceeded", `Node "${target.name}" is at capacity`)
  dispatch(core, invocation, target)
  // Without live handlers it goes out all the same, marked pending.
  if (!target.handlersLive) invocation.status = "pending"
}

/**
 * Takes an invocation from its node: a spawn goes to a node not yet tried, at once; else it waits 5 s·2ⁿ (≤ 60 s) for a
 * tried one. `abandon` (inventory): one with a fixed handler becomes pending for ever; otherwise it goes back to that.
 */
export const reschedule = (core: Core, invocation: Invocation, abandon: boolean): void => {
  const from = invocation.dispatchedNode
  unqueue(invocation)
  returnSlot(invocation)
  invocation.dispatchedNode = undefined
  invocation.status = "pending"
  const fresh =
    invocation.kind === "spawn"
      ? candidates(core, invocation).find((node) => !invocation.tried.has(node.id))
      : from?.socket === undefined && !abandon && (from?.queue.length ?? 0) < queueLimit
        ? from
        : undefined
  if (fresh !== undefined) {
    dispatch(core, invocation, fresh)
    return
  }
  if (invocation.kind === "spawn" || !abandon) invocation.nextAttemptAt = core.now() + backoff(invocation)
  note(core, invocation)
}

const backoff = (invocation: Invocation): number => Math.min(60_000, 5000 * 2 ** invocation.attempts)

const retry = (core: Core, invocation: Invocation): void => {
  if (invocation.kind !== "spawn") {
    const node = invocation.handlerNode
    if (node !== undefined && (node.socket !== undefined || node.queue.length < queueLimit))
      dispatch(core, invocation, node)
    return
  }
  const nodes = candidates(core, invocation)
  const node = nodes.find((one) => !invocation.tried.has(one.id)) ?? nodes[0]
  if (node !== undefined) dispatch(core, invocation, node)
}

/** Part of the 15 s sweep. */
export const sweepInvocations = (core: Core, invocations: Iterable<Invocation>): void => {
  for (const invocation of invocations) {
    if (!isOpen(invocation)) continue
    const queued = invocation.dispatchedNode?.queue.includes(invocation) ?? false
    if (invocation.nextAttemptAt !== undefined && invocation.nextAttemptAt <= core.now()) retry(core, invocation)
    else if (
      !queued &&
      invocation.dispatchedNode !== undefined &&
      core.now() - (invocation.dispatchedAt ?? 0) >= dispatchTimeoutMillis
    )
      reschedule(core, invocation, false)
  }
}

const finishRelease = (core: Core, invocation: Invocation): void => {
  const agent = invocation.workspace.agents.get(String(invocation.input["name"]))
  if (agent === undefined) return
  if (invocation.input["delete_agent"] === true) {
    removeAgent(core, agent)
    return
  }
  unbind(agent)
  agent.status = "offline"
  agent.metadata = {
    ...agent.metadata,
    release: { reason: invocation.input["reason"] ?? null, released_at: iso(core.now()) }
  }
}

/** Ends an invocation; a caller that sits on a connected node hears of it by a seq-0 event. */
export const complete = (
  core: Core,
  invocation: Invocation,
  result: { readonly output: unknown } | { readonly error: string }
): void => {
  unqueue(invocation)
  returnSlot(invocation)
  invocation.completedAt = core.now()
  invocation.nextAttemptAt = undefined
  if ("error" in result) {
    invocation.status = "failed"
    invocation.error = result.error
  } else {
    invocation.status = "completed"
    invocation.output = result.output
    if (invocation.kind === "release") finishRelease(core, invocation)
  }
  note(core, invocation)
  const event = invocation.status === "failed" ? "action.failed" : "action.completed"
  if (invocation.caller !== undefined)
    fanOut(invocation.caller, {
      event,
      key: invocation.id,
      msgId: invocation.id,
      data: {
        invocation_id: invocation.id,
        action_name: invocation.actionName,
        status: invocation.status,
        output: invocation.output ?? null,
        error: invocation.error
      }
    })
}

/** `action.result`: once, and only from the node it is dispatched to; anything else is dropped in silence. */
export const acceptResult = (
  core: Core,
  node: EngineNode,
  id: string,
  result: { readonly output: unknown } | { readonly error: string }
): void => {
  const invocation = node.workspace.invocations.get(id)
  if (invocation === undefined || !isOpen(invocation) || invocation.dispatchedNode !== node) return
  if ("error" in result && result.error === "handler_unavailable") {
    node.handlersLive = false
    reschedule(core, invocation, false)
  } else complete(core, invocation, result)
}

/** A node that went away, by its socket or by `node.deregister`. */
export const rescheduleAll = (core: Core, node: EngineNode): void => {
  for (const invocation of node.workspace.invocations.values())
    if (isOpen(invocation) && invocation.dispatchedNode === node && !node.queue.includes(invocation))
      reschedule(core, invocation, false)
}
