/** A text message of a WebSocket as it goes over the wire (RFC 6455, section 5.2): made once, written to every follower as it is. */

const FINAL_TEXT = 0x81;
/** In place of a length: it follows in two bytes, or in eight. */
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;

/** One unfragmented, unmasked frame, as a server sends it. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length < TWO_BYTES ? 2 : length <= 0xffff ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame.writeUInt8(FINAL_TEXT, 0);
  frame.writeUInt8(start === 2 ? length : start === 4 ? TWO_BYTES : EIGHT_BYTES, 1);
  if (start === 4) frame.writeUInt16BE(length, 2);
  if (start === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.write(text, start);
  return frame;
}
