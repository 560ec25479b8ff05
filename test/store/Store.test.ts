import * as Effect from "effect/Effect"
import { MemoryStore } from "../../src/store/MemoryStore.ts"
import { temporaryStore } from "./rig.ts"
import { suite } from "./StoreSuite.ts"

suite("SqliteStore", (limits = {}) => Effect.map(temporaryStore({ limits }), ({ layer }) => layer))
suite("MemoryStore", (limits = {}) => Effect.sync(() => MemoryStore.make({ limits }).layer))
