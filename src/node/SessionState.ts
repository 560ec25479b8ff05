/** Where the node session stands (design 6). Connected is not ready: ready means that `node.register` was answered. */
export type SessionState =
  | { readonly _tag: "Idle" }
  | { readonly _tag: "Minting" }
  | { readonly _tag: "Connecting"; readonly attempt: number }
  | { readonly _tag: "Registering" }
  | { readonly _tag: "Ready"; readonly sinceMillis: number }
  | { readonly _tag: "Waiting"; readonly reason: string; readonly untilMillis: number }
  | { readonly _tag: "Stopped"; readonly reason: string }

export const describeState = (state: SessionState): string => state._tag.toLowerCase()
