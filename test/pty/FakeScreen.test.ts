/** The fake screen keeps the promises that rules depend on. */
import { FakeScreen } from "../../src/testing/FakeScreen.ts"
import { suite } from "./ScreenSuite.ts"

suite("FakeScreen", FakeScreen.layer)
