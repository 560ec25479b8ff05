/**
 * Every failure a caller or an operator can act on. Each carries the fields needed to act and derives its
 * message from them; none carries a token, an argument list or a message body.
 */
export * from "./errors/Agent.ts"
export * from "./errors/Delivery.ts"
export * from "./errors/Engine.ts"
export * from "./errors/InternalError.ts"
export * from "./errors/Node.ts"
export * from "./errors/StartUp.ts"
