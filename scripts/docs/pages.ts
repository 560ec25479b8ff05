/** The pages of docs/ that are made from the code, by their paths. */
import { alertsPage } from "./alertsPage.ts"
import { metricsPage } from "./metricsPage.ts"

export const pages: ReadonlyMap<string, string> = new Map([
  ["docs/alerts.md", alertsPage],
  ["docs/metrics.md", metricsPage]
])
