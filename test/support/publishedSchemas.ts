/**
 * The schemas that `@relaycast/types` publishes, as checks for tests. A development dependency: nothing in `src/` may
 * know it.
 */
import { FleetBrokerToRelaycastMessageSchema, FleetRelaycastToBrokerMessageSchema } from "@relaycast/types"

const check =
  (schema: {
    safeParse(value: unknown): { success: boolean; error?: { issues: ReadonlyArray<{ message: string }> } }
  }) =>
  (raw: unknown): string | undefined => {
    const result = schema.safeParse(raw)
    return result.success ? undefined : (result.error?.issues.map((issue) => issue.message).join("; ") ?? "refused")
  }

/** For `FakeEngine.make({ validateFrame })`: a frame node → engine. */
export const publishedOutbound = check(FleetBrokerToRelaycastMessageSchema)

/** A frame engine → node. */
export const publishedInbound = check(FleetRelaycastToBrokerMessageSchema)
