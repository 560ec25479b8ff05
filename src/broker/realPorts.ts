/** The ports on the real world: HTTP, a WebSocket, pseudo-terminals and their screens. */
import * as Layer from "effect/Layer"
import { version } from "../domain/Version.ts"
import * as NodeHttp from "../engine/NodeHttp.ts"
import * as WsNodeLink from "../node/WsNodeLink.ts"
import { HeadlessScreen } from "../pty/HeadlessScreen.ts"
import { NodePty } from "../pty/NodePty.ts"
import type { Ports } from "./Services.ts"

export const realPorts = (engineUrl: string): Layer.Layer<Ports> =>
  Layer.mergeAll(
    NodeHttp.layer,
    WsNodeLink.layer({ baseUrl: engineUrl, userAgent: `relay-broker/${version}` }),
    NodePty.layer,
    HeadlessScreen.layer
  )
