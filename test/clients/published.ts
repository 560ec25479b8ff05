/** The published client package, installed aside and loaded from there: an import by name would need it in the project's own tree. */
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { publishedClients } from "../../scripts/aside.mjs"

/** The directory whose `node_modules` holds the published packages. */
export const installed = await publishedClients()

const entry = join(installed, "node_modules", "@agent-relay", "harness-driver", "dist", "index.js")
const driver: typeof import("@agent-relay/harness-driver") = await import(pathToFileURL(entry).href)

export const { BrokerDriver, HarnessDriverClient, HarnessDriverProtocolError } = driver
export type HarnessDriverClient = import("@agent-relay/harness-driver").HarnessDriverClient
export type { BrokerEvent, RuntimeSpawnOptions } from "@agent-relay/harness-driver"
