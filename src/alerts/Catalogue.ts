/** What each alert means for an operator and what to do about it (design 8). */

export type Severity = "critical" | "error" | "warning" | "low"

export interface AlertText {
  readonly severity: Severity
  readonly meaning: string
  readonly remedy: string
}

export const catalogue = {
  NodeTokenMissing: {
    severity: "critical",
    meaning: "Nothing is delivered until a node token is accepted.",
    remedy: "Check the workspace key and the engine; the broker keeps trying."
  },
  NodeTokenRejected: {
    severity: "critical",
    meaning: "The engine refuses every node token; nothing is delivered.",
    remedy: "Check the workspace; with RELAY_NODE_TOKEN set, replace that token and restart."
  },
  Unauthorized: {
    severity: "warning",
    meaning: "A credential was refused; recovery is running.",
    remedy: "Nothing, unless it stays: then check the workspace key."
  },
  WorkspaceKeyRejected: {
    severity: "critical",
    meaning: "The workspace key is no longer accepted: no node token can be had, nothing is delivered.",
    remedy: "Restart the broker with the workspace's present key (AGENT_RELAY_WORKSPACE_KEY)."
  },
  WorkspaceExpired: {
    severity: "critical",
    meaning: "The workspace has expired; the engine refuses all its credentials.",
    remedy: "Renew the workspace and run `relay-broker reconnect`, or restart with the key of another one."
  },
  TokenProofRequired: {
    severity: "critical",
    meaning: "The engine mints for this node only against its last token, which is not known here.",
    remedy: "Put the node's token cache back, delete the node at the engine, or use another --instance-name."
  },
  NodeForbidden: {
    severity: "critical",
    meaning: "The engine, or something in front of it, forbids this node to connect; nothing is delivered.",
    remedy: "Check the workspace's permissions and any proxy on the way; a new token would not help."
  },
  NodeNameConflict: {
    severity: "critical",
    meaning: "Another node of the workspace has this node's name; this one receives nothing.",
    remedy: "Choose another node name with --name or RELAY_NODE_NAME, or delete the other node."
  },
  BindFailed: {
    severity: "error",
    meaning: "The agent cannot be reached by messages; its spawn was undone.",
    remedy: "Spawn it again once the engine accepts the binding."
  },
  AgentLocationConflict: {
    severity: "error",
    meaning: "The agent is active on another node; it was not taken from there.",
    remedy: "Release it on the other node, or use another name."
  },
  UnknownWorker: {
    severity: "warning",
    meaning: "Messages wait for an agent that is not hosted here.",
    remedy: "Spawn the agent here, or let the engine expire the messages."
  },
  NodeSuperseded: {
    severity: "critical",
    meaning: "Another process owns this node; this one receives nothing.",
    remedy: "Stop the other process, or give this broker another --instance-name."
  },
  NodeIdMismatch: {
    severity: "critical",
    meaning: "The engine has another record under this node name.",
    remedy: "Choose another node name with --name or RELAY_NODE_NAME."
  },
  EngineUnavailable: {
    severity: "error",
    meaning: "The engine cannot be reached; messages wait there.",
    remedy: "Check the engine's address and the network; the broker keeps trying."
  },
  LinkLost: {
    severity: "error",
    meaning: "The node socket is down; messages wait at the engine.",
    remedy: "Nothing: the broker reconnects by itself."
  },
  RateLimited: {
    severity: "error",
    meaning: "The engine limits our calls.",
    remedy: "Wait, or raise the plan of the workspace."
  },
  EngineRejected: {
    severity: "error",
    meaning: "The engine refused a call for a reason the broker does not handle.",
    remedy: "Read the reason; report it when it looks like ours."
  },
  SpawnFailed: {
    severity: "error",
    meaning: "An agent could not be started; everything was undone.",
    remedy: "Read the reason and the last output; correct the command and spawn again."
  },
  DeliveryDead: {
    severity: "error",
    meaning: "A message was given up.",
    remedy: "See the reason; send it again if it still matters."
  },
  Undecodable: {
    severity: "error",
    meaning: "A message could not be read and was put aside.",
    remedy: "Report it: the engine speaks a shape this broker does not know."
  },
  UnknownPayloadType: {
    severity: "low",
    meaning: "The engine sends a newer kind of event; it was confirmed and not typed.",
    remedy: "Update relay-broker when convenient."
  },
  UnknownFrame: {
    severity: "low",
    meaning: "The engine sends a newer kind of frame; it was counted and ignored.",
    remedy: "Update relay-broker when convenient."
  },
  StoreDamaged: {
    severity: "error",
    meaning:
      "What the broker knew of deliveries is gone or cannot be kept: messages arrive at least once, without memory.",
    remedy: "Read the reason: make the file writable, or look at the copy that was kept; then restart when convenient."
  },
  StoreFull: {
    severity: "error",
    meaning: "The disk is full: messages arrive at least once, without memory.",
    remedy: "Make room; the broker tries again by itself."
  },
  CacheUnwritable: {
    severity: "error",
    meaning: "The node token is kept in memory only and is minted again after a restart.",
    remedy: "Make the data directory writable for this user."
  }
} as const satisfies Record<string, AlertText>

export type AlertCode = keyof typeof catalogue
