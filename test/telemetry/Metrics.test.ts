import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Metrics from "../../src/telemetry/Metrics.ts"
import { root } from "../e2e/rig.ts"

const elsewhere = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.startsWith("telemetry"))
  .map((path) => readFileSync(join(root, "src", path), "utf8"))
  .join("\n")

describe("the list of metrics", () => {
  const counted = Object.entries(Metrics).flatMap(([name, metric]) =>
    typeof metric === "object" && ("add" in metric || "observeMillis" in metric) ? [name] : []
  )
  it.each(counted)("%s is recorded where it happens", (name) =>
    assert.match(elsewhere, new RegExp(`\\b${name}\\.(?:add|observe)`))
  )
})
