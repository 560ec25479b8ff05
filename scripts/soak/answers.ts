/** What the soak reads of the broker's answers. */

export interface Health {
  readonly nodeSession: string
  readonly nodeConnected: boolean
}
export interface Alerts {
  readonly alerts: ReadonlyArray<{ readonly code: string; readonly subject: string; readonly message: string }>
}
export interface History {
  readonly history: ReadonlyArray<{ readonly code: string }>
}
