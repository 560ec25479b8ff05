/** The recorded frames under `fixtures/wire`, as data. */
import { readdirSync, readFileSync } from "node:fs"

export type Frame = { readonly [key: string]: unknown }

export interface WireFixture {
  readonly type: string
  readonly from: "engine" | "node"
  readonly examples: { readonly [name: string]: Frame }
  readonly refused?: { readonly [name: string]: Frame }
}

const load = (direction: "inbound" | "outbound"): ReadonlyArray<WireFixture> => {
  const folder = new URL(`../../fixtures/wire/${direction}/`, import.meta.url)
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as WireFixture)
}

export const inboundFixtures = load("inbound")
export const outboundFixtures = load("outbound")

/** `[type, example's name, frame]`, for `it.each`. */
export const examplesOf = (fixtures: ReadonlyArray<WireFixture>): Array<[type: string, name: string, frame: Frame]> =>
  fixtures.flatMap((fixture) =>
    Object.entries(fixture.examples).map(([name, frame]): [string, string, Frame] => [fixture.type, name, frame])
  )
