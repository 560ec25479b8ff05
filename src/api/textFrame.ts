const finalText = 0x81

/** A WebSocket text message as a server sends it: one frame, not masked, not compressed (RFC 6455, 5.2). `payload` is UTF-8. */
export const textFrame = (payload: Buffer): Buffer => {
  const length = payload.length
  const header = Buffer.allocUnsafe(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  header[0] = finalText
  if (length < 126) header[1] = length
  else if (length < 65_536) {
    header[1] = 126
    header.writeUInt16BE(length, 2)
  } else {
    header[1] = 127
    header.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([header, payload])
}
