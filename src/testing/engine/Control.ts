/** `WorkspaceControl`: every command is one step of the engine, with the effects of the HTTP call it stands for. */
import * as Effect from "effect/Effect"
import { completeOverHttp, getInvocation, invoke as invokeAction } from "./Actions.ts"
import { getAgent, registerAgent, removeAgent } from "./Agents.ts"
import { createChannel, getChannel, joinChannel, leaveChannel } from "./Channels.ts"
import { expire, fanOut } from "./Mailboxes.ts"
import { getMessage, markRead, postToChannel, react, replyTo, sendDirect, unreact } from "./Messages.ts"
import { type Core, type Fields, type Message, Refused, refuse, type Workspace } from "./Model.ts"

import { enroll, getNode } from "./Nodes.ts"
import { makeViews } from "./Views.ts"
import type { Command, Sent, WorkspaceControl } from "./WorkspaceControl.ts"

export const makeControl = (core: Core, workspace: Workspace): WorkspaceControl => {
  const command = <A>(f: () => A): Command<A> =>
    Effect.try({
      try: () => core.recorder.step(f),
      catch: (error) => {
        if (error instanceof Refused) return error
        throw error
      }
    })
  const { awaitState } = core.recorder
  const views = makeViews(core, workspace)
  const who = (name: string) => getAgent(workspace, name)
  const caller = (name: string | undefined) => (name === undefined ? undefined : who(name))
  const posted = (message: Message): Sent => ({ messageId: message.id })
  const invoke = (from: string | undefined, action: string, input: Fields) =>
    command(() => invokeAction(core, workspace, { action, caller: caller(from), input }).id)
  const rowOf = (name: string, seq: number) =>
    [...who(name).mailbox.open.values()].find((row) => row.seq === seq) ??
    refuse(404, "delivery_not_found", `No open row ${seq} for "${name}"`)

  return {
    id: workspace.id,
    name: workspace.name,
    key: () => workspace.key,
    registerAgent: (name, o = {}) =>
      command(() => {
        const { id, token } = registerAgent(core, workspace, { name, type: o.type })
        return { id, name, token }
      }),
    removeAgent: (name) => command(() => removeAgent(core, who(name))),
    enrollNode: (name) =>
      command(() => {
        const { id, token } = enroll(core, workspace, { name })
        return { id, name, token }
      }),
    send: ({ from, mode, text, to }) =>
      command(() => posted(sendDirect(core, who(from), to === "@self" ? who(from) : who(to), { text, mode }))),
    post: ({ channel, from, mode, text }) =>
      command(() => posted(postToChannel(core, getChannel(workspace, channel), who(from), { text, mode }))),
    reply: ({ from, messageId, text }) =>
      command(() => posted(replyTo(core, getMessage(workspace, messageId), who(from), { text }))),
    react: ({ emoji, from, messageId }) =>
      command(() => void react(core, getMessage(workspace, messageId), who(from), emoji)),
    unreact: ({ emoji, from, messageId }) =>
      command(() => unreact(core, getMessage(workspace, messageId), who(from), emoji)),
    read: ({ from, messageId }) => command(() => void markRead(core, getMessage(workspace, messageId), who(from))),
    createChannel: (name, o = {}) =>
      command(() => void createChannel(core, workspace, { name, creator: caller(o.creator) })),
    join: (o) => command(() => void joinChannel(core, getChannel(workspace, o.channel), who(o.agent))),
    leave: (o) => command(() => void leaveChannel(getChannel(workspace, o.channel), who(o.agent))),
    invoke: ({ action, from, input }) => invoke(from, action, input ?? {}),
    spawn: ({ cli, from, name, target, task }) =>
      invoke(from, "spawn", {
        name,
        cli,
        task: task ?? "",
        channel: null,
        persona: null,
        model: null,
        metadata: {},
        ...(target === undefined ? {} : { target })
      }),
    release: ({ deleteAgent, from, name, reason }) =>
      invoke(from, "release", { name, reason: reason ?? null, delete_agent: deleteAgent ?? false }),
    complete: ({ error, id, output }) =>
      command(() => {
        const invocation = getInvocation(workspace, id)
        const handler =
          invocation.handlerAgent ?? refuse(403, "node_owned_invocation", "The invocation belongs to a node")
        completeOverHttp(core, invocation, handler, error === undefined ? { output } : { error })
      }),
    sendRaw: (name, frame) =>
      command(() => {
        const { socket } = getNode(workspace, name)
        if (socket === undefined) return refuse(409, "node_offline", `Node "${name}" has no socket`)
        socket.raw(typeof frame === "string" ? frame : JSON.stringify(frame))
      }),
    event: ({ agent: name, data, key, msgId, type }) =>
      command(() => fanOut(who(name), { event: type, key, msgId, data })),
    expireRow: (name, seq) =>
      command(() => {
        rowOf(name, seq).expiresAt = core.now()
        expire(core, who(name))
      }),
    restartCount: (name, at) =>
      command(() => {
        who(name).mailbox.nextSeq = at
      }),
    ...views,
    awaitAck: (name, seq) => Effect.asVoid(awaitState(() => views.cursor(name) >= seq || undefined)),
    awaitHosted: (name) =>
      awaitState(() => {
        const view = views.agent(name)
        return view?.bound === true && view.status === "active" ? view : undefined
      }),
    awaitNode: (name) =>
      awaitState(() =>
        views.nodes().find((node) => (name === undefined || node.name === name) && node.connected && node.live)
      ),
    awaitInvocation: (id) =>
      awaitState(() => {
        const view = views.invocation(id)
        return view?.status === "completed" || view?.status === "failed" ? view : undefined
      })
  }
}
