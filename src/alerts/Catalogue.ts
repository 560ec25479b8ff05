/**
 * Every alert there is: what it means for an operator, what to do about it, what raises it and what takes it
 * away. `docs/alerts.md` is written from this table (`npm run docs`).
 */

export type Severity = "critical" | "error" | "warning" | "low"

/** What `subject` names. Decides what becomes of a stored alert when a broker starts (`staleness.ts`). */
export type SubjectKind = "node" | "workspace" | "agent" | "broker" | "store" | "file" | "kind"

export interface AlertText {
  readonly severity: Severity
  readonly subject: SubjectKind
  readonly meaning: string
  readonly remedy: string
  /** For the documentation: what raises it, and the success that disproves it. */
  readonly raised: string
  readonly resolved: string
  /** Reports something that happened, which nothing may ever disprove: goes 24 h after it last happened. */
  readonly expires?: true
}

export const catalogue = {
  NodeTokenMissing: {
    severity: "critical",
    subject: "node",
    meaning: "Nothing is delivered until a node token is accepted.",
    remedy: "Check the workspace key and the engine; the broker keeps trying.",
    raised: "The engine refuses to mint a node token.",
    resolved: "An accepted node.register."
  },
  NodeTokenRejected: {
    severity: "critical",
    subject: "node",
    meaning: "The engine refuses every node token; nothing is delivered.",
    remedy: "Check the workspace; with RELAY_NODE_TOKEN set, replace that token and restart.",
    raised: "The first token and five new ones were refused in a row, or the pinned one was.",
    resolved: "An accepted node.register."
  },
  TokenProofRequired: {
    severity: "critical",
    subject: "node",
    meaning:
      "The engine gives no new token without the last one, which this broker does not have; nothing is delivered.",
    remedy: "Put the node's token cache back, delete the node at the engine, or use another --instance-name.",
    raised: "The engine answers a mint with a request for the old token.",
    resolved: "An accepted node.register."
  },
  WorkspaceKeyRejected: {
    severity: "critical",
    subject: "node",
    meaning: "The workspace key is refused; nothing is delivered once the node token ends.",
    remedy: "Restart the broker with the workspace's present key (AGENT_RELAY_WORKSPACE_KEY).",
    raised: "A call with the workspace key is refused with 401 or 403 while the broker runs.",
    resolved: "An accepted node.register."
  },
  WorkspaceExpired: {
    severity: "critical",
    subject: "node",
    meaning: "The workspace has expired; nothing is delivered.",
    remedy: "Renew the workspace and run `relay-broker reconnect`, or restart with the key of another one.",
    raised: "The engine refuses a credential because the workspace expired.",
    resolved: "An accepted node.register."
  },
  NodeForbidden: {
    severity: "critical",
    subject: "node",
    meaning: "The engine knows this node and does not let it in; nothing is delivered.",
    remedy: "Check the workspace's permissions and any proxy on the way; a new token would not help.",
    raised: "The upgrade of the node socket is answered 403.",
    resolved: "An accepted node.register."
  },
  Unauthorized: {
    severity: "warning",
    subject: "node",
    meaning: "A credential was refused; recovery is running.",
    remedy: "Nothing, unless it stays: then check the workspace key.",
    raised: "The engine refuses a credential with 401.",
    resolved: "An accepted node.register."
  },
  NodeSuperseded: {
    severity: "critical",
    subject: "node",
    meaning: "Another process owns this node; this one receives nothing.",
    remedy: "Stop the other process, or give this broker another --instance-name.",
    raised: "The engine closes the node socket as superseded.",
    resolved: "An accepted node.register, once the other process is gone."
  },
  NodeIdMismatch: {
    severity: "critical",
    subject: "node",
    meaning: "The engine has another record under this node name.",
    remedy: "Choose another node name with --name or RELAY_NODE_NAME.",
    raised: "The engine answers node.register with another node id.",
    resolved: "An accepted node.register."
  },
  NodeNameConflict: {
    severity: "critical",
    subject: "node",
    meaning: "Another node of the workspace has this node's name; nothing is delivered.",
    remedy: "Choose another node name with --name or RELAY_NODE_NAME, or delete the other record.",
    raised: "The engine refuses node.register with node_name_conflict.",
    resolved: "An accepted node.register."
  },
  EngineUnavailable: {
    severity: "error",
    subject: "node",
    meaning: "The engine cannot be reached; messages wait there.",
    remedy: "Check the engine's address and the network; the broker keeps trying.",
    raised: "No usable answer for 30 s: refused connections, time-outs, 5xx.",
    resolved: "An accepted node.register."
  },
  LinkLost: {
    severity: "error",
    subject: "node",
    meaning: "The node socket is down; messages wait at the engine.",
    remedy: "Nothing: the broker reconnects by itself. If it stays, look at the network and the engine.",
    raised: "The node has been without a registered session for 30 s.",
    resolved: "An accepted node.register."
  },
  RateLimited: {
    severity: "error",
    subject: "node",
    meaning: "The engine limits our calls.",
    remedy: "Wait, or raise the plan of the workspace.",
    raised: "The node has been away for 30 s because the engine answers 429.",
    resolved: "An accepted node.register."
  },
  EngineRejected: {
    severity: "error",
    subject: "node",
    meaning: "The engine refused a call for a reason the broker does not handle.",
    remedy: "Read the reason; report it when it looks like ours.",
    raised: "The engine refuses what the node session needs, with a status or code that has no alert of its own.",
    resolved: "An accepted node.register."
  },
  WorkspaceNotAttached: {
    severity: "error",
    subject: "workspace",
    meaning: "A workspace of RELAY_WORKSPACES_JSON cannot be sent to; the broker works on in its own one.",
    remedy:
      "Nothing, if it is only away: it is tried again by itself. A refused key: correct it in RELAY_WORKSPACES_JSON, or take the entry out, and restart the broker.",
    raised:
      "A listed workspace that is not the default refuses its key or cannot be asked at the start, and at every further try.",
    resolved: "It is attached: tried after at most 30 s, then ever less often, at least every 5 min."
  },
  BindFailed: {
    severity: "error",
    subject: "agent",
    meaning: "The agent cannot be reached by messages; its spawn was undone.",
    remedy: "Spawn it again once the engine accepts the binding.",
    raised: "An agent registered over HTTP could not be bound to this node.",
    resolved: "The agent is registered or bound here, or its release is asked for.",
    expires: true
  },
  AgentLocationConflict: {
    severity: "error",
    subject: "agent",
    meaning: "The agent is active on another node; it was not taken from there.",
    remedy: "Release it on the other node, or use another name.",
    raised: "The engine refuses to register or list the agent here.",
    resolved: "The agent is registered here, or its release is asked for.",
    expires: true
  },
  UnknownWorker: {
    severity: "warning",
    subject: "agent",
    meaning: "Messages wait for an agent that is not hosted here.",
    remedy: "Spawn the agent here, or let the engine expire the messages.",
    raised: "A message comes, or is left from a former run, for an agent without a worker here.",
    resolved: "An agent of this name runs here."
  },
  SpawnFailed: {
    severity: "error",
    subject: "agent",
    meaning: "An agent could not be started; everything was undone.",
    remedy: "Read the reason, the last output and the log; correct the command and spawn again.",
    raised: "A spawn fails after it was found valid.",
    resolved: "An agent of this name is spawned, or its release is asked for.",
    expires: true
  },
  DeliveryStuck: {
    severity: "warning",
    subject: "agent",
    meaning: "Messages wait for a live agent that takes none.",
    remedy:
      "Look at the agent: `relay-broker agents` names the closed gate. Answer its dialog, or send or clear the draft in its input line: by hand with `relay-broker attach <name> --passthrough`, from a script with `printf '\\025' | relay-broker input <name> -` (Ctrl-U, which clears it in most programs). What waits is then typed by itself; a flush does not overrule a draft. A line that is empty and counts as a draft is misread: see `like` in docs/harnesses.md. Or release the agent.",
    raised: "Nothing was submitted to an agent for longer than its waiting reason explains, and messages wait.",
    resolved: "A message is submitted, nothing waits any more, or somebody holds what waits."
  },
  AgentNeedsPerson: {
    severity: "warning",
    subject: "agent",
    meaning: "The program of an agent asks something that only a person may answer; its messages wait.",
    remedy: "Answer it in its terminal: `relay-broker attach <name> --passthrough`.",
    raised: "It shows a question, a login, a menu, or anything else in the place of its input line.",
    resolved: "It shows its input line again, or ends."
  },
  DeliveryUnproven: {
    severity: "error",
    subject: "agent",
    meaning: "A message was put in once, and the program did not say that it has it; messages after it wait.",
    remedy:
      "Look with `relay-broker attach <name>`: if the agent has it, `relay-broker deliveries confirm <id>`; if not, `relay-broker deliveries retry <id>`.",
    raised: "No proof came within the time that the program needs.",
    resolved: "The proof comes late, a person confirms or retries it, or the agent ends."
  },
  AgentExited: {
    severity: "error",
    subject: "agent",
    meaning: "The program of an agent ended, and nobody had asked for it.",
    remedy:
      "`relay-broker agents --all` shows how, `relay-broker logs <name>` what it printed; spawn it again, or release the name.",
    raised: "A program ends by itself and is not started again.",
    resolved: "An agent of this name is spawned, or its release is asked for.",
    expires: true
  },
  DeliveryDead: {
    severity: "error",
    subject: "agent",
    meaning: "Messages were given up; they are kept as dead letters.",
    remedy: "`relay-broker dead-letters` shows them; redeliver or purge them.",
    raised: "An agent ends with messages waiting, or a message can no longer be typed.",
    resolved: "No dead letter of the agent is left that was not sent again.",
    expires: true
  },
  Undecodable: {
    severity: "error",
    subject: "agent",
    meaning: "A message could not be read and was put aside.",
    remedy: "`relay-broker dead-letters` shows it as it came; report it, then purge it.",
    raised: "A deliver frame names its agent and number and cannot be read otherwise.",
    resolved: "Its dead letter is purged.",
    expires: true
  },
  UnknownPayloadType: {
    severity: "low",
    subject: "kind",
    meaning: "The engine sends a newer kind of event; it was confirmed and not typed.",
    remedy: "Update relay-broker when convenient.",
    raised: "A message of a type that is not known, once per type.",
    resolved: "Nothing disproves it.",
    expires: true
  },
  UnknownFrame: {
    severity: "low",
    subject: "kind",
    meaning: "The engine sends a newer kind of frame; it was counted and ignored.",
    remedy: "Update relay-broker when convenient.",
    raised: "A frame of a type that is not known.",
    resolved: "Nothing disproves it.",
    expires: true
  },
  StoreDamaged: {
    severity: "error",
    subject: "store",
    meaning:
      "What the broker knew of deliveries is gone or cannot be kept: messages arrive at least once, without memory.",
    remedy: "Read the reason: make the file writable, or look at the copy that was kept; then restart when convenient.",
    raised: "The database cannot be read or written.",
    resolved: "It can be written again, or the next start opens it."
  },
  StoreFull: {
    severity: "error",
    subject: "store",
    meaning: "The disk is full: messages arrive at least once, without memory.",
    remedy: "Make room; the broker tries again by itself.",
    raised: "A write to the database finds no room.",
    resolved: "A later write succeeds, or the next start opens it."
  },
  CacheUnwritable: {
    severity: "error",
    subject: "file",
    meaning: "The node token is kept in memory only and is minted again after a restart.",
    remedy: "Make the data directory writable for this user.",
    raised: "The cache of the node token cannot be written.",
    resolved: "It is written."
  },
  ApiExposed: {
    severity: "warning",
    subject: "broker",
    meaning: "The local API can be reached from other machines, unencrypted; its key is all that stands before it.",
    remedy: "Bind it to 127.0.0.1 (the default) and reach it through an SSH tunnel or a proxy with TLS.",
    raised: "A start with an --api-bind that is not a loopback address.",
    resolved: "A start with a loopback address."
  },
  InternalError: {
    severity: "error",
    subject: "broker",
    meaning: "A part of the broker met a bug of ours and was started again; the rest goes on.",
    remedy:
      "Report it with this line and the lines around it in the broker's log. If it comes again and again, restart the broker.",
    raised: "A long-lived part of the broker, or the handling of one frame, ends in a defect.",
    resolved: "Nothing disproves it.",
    expires: true
  },
  SidecarDown: {
    severity: "error",
    subject: "broker",
    meaning: "The sidecar of this node ended and is not started again; its actions are answered handler_unavailable.",
    remedy: "Read the reason and its log; correct it and start the sidecar again by hand.",
    raised: "A supervised sidecar could not be started, or kept ending, as often as its restart policy allows.",
    resolved: "A sidecar registers."
  }
} as const satisfies Record<string, AlertText>

export type AlertCode = keyof typeof catalogue

export const alertCodes = Object.keys(catalogue) as ReadonlyArray<AlertCode>

export const isAlertCode = (code: string): code is AlertCode => Object.hasOwn(catalogue, code)

export const textOf = (code: AlertCode): AlertText => catalogue[code]
