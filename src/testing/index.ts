/** What users compose in their own integration tests: `import { FakeEngine } from "relay-broker/testing"`. */

export { MemoryStore, type MemoryStoreControl } from "../store/MemoryStore.ts"
export {
  type BrokerProcess,
  BrokerProcessFailed,
  type BrokerProcessOptions,
  launchBroker,
  startBroker
} from "./BrokerProcess.ts"
export type { Fate, FaultControls, FrameType, HttpMatcher } from "./engine/FaultControls.ts"
export type { AgentStatus, EngineFrame, Later, Mode, RowState } from "./engine/Model.ts"
export { Refused as FakeEngineRefused } from "./engine/Model.ts"
export type { ValidateFrame } from "./engine/NodeSocket.ts"
export type { Ack, EngineEvent, FrameIn, FrameOut, HttpExchange, Observations } from "./engine/Observations.ts"
export type { Listening } from "./engine/SocketDoor.ts"
export type { AgentView, InvocationView, NodeView, RowView } from "./engine/Views.ts"
export type { AgentCredentials, Sent, WorkspaceControl } from "./engine/WorkspaceControl.ts"
export { FakeEngine, type FakeEngineOptions, type FakeEngineService } from "./FakeEngine.ts"
export { type FakeProcess, type FakeProgram, FakePty } from "./FakePty.ts"
export { FakeScreen } from "./FakeScreen.ts"
export {
  SimClock,
  SimProcess,
  SimScheduler,
  type SimSchedulerOptions,
  type Simulated,
  type SimulateOptions,
  simulate
} from "./Simulation.ts"
