/** capnp-es messages in and out: presized for writing, opened over a checked frame for reading, framed for sending. */
import { Message, type Struct, utils } from "capnp-es"
import type { Payload } from "capnp-es/capnp/rpc"
import { type Frame, malformed, WORD_BYTES } from "./frame.ts"
import type { Place } from "./pointer.ts"

/** A struct class that capnp-es generated. */
export type StructClass<S extends Struct> = Parameters<typeof utils.initStructAt<S>>[1]

/** Params or results about to be sent: how much room they need, and what writes them. */
export interface Outgoing {
  /** At least the bytes that `write` will take; more room is only unused memory. */
  readonly bytes: number
  write(payload: Payload): void
}

/** Params or results that arrived: the place of their pointer in a structure-checked frame, of yet unchecked kind. */
export interface Incoming {
  readonly frame: Frame
  readonly place: Place
}

/** Bytes that a Data or Text of `length` takes in a message. */
export const paddedBytes = (length: number): number => Math.ceil((length + 1) / WORD_BYTES) * WORD_BYTES

/**
 * An empty message with room for `bytes`. capnp-es grows a message by copying all of it for every object past the end;
 * with its room given up front a large one is built in linear time.
 */
export function sizedMessage(bytes: number): Message {
  const message = new Message(new ArrayBuffer(paddedBytes(bytes)), false, true)
  const segment = message.getSegment(0)
  segment.byteLength = 0
  segment.allocate(WORD_BYTES)
  return message
}

/** Bodies from this size on are sent as they are, not copied behind their header. */
const COPY_BYTES_MAX = 32_768

/** The message in stream framing, as one or two chunks. The message must not be written to afterwards. */
export function framed(message: Message): readonly Uint8Array[] {
  const segment = message.getSegment(0)
  const body = new Uint8Array(segment.buffer, 0, segment.byteLength)
  const whole = body.length < COPY_BYTES_MAX
  const header = new Uint8Array(whole ? WORD_BYTES + body.length : WORD_BYTES)
  new DataView(header.buffer).setUint32(4, body.length / WORD_BYTES, true)
  if (!whole) return [header, body]
  header.set(body, WORD_BYTES)
  return [header]
}

/** The struct that the pointer at `place` of a structure-checked and kind-checked frame points to. */
export function structAt<S extends Struct>(frame: Frame, place: Place, structClass: StructClass<S>): S {
  try {
    const struct = new structClass(openMessage(frame).getSegment(place.segment), place.word * WORD_BYTES)
    const size = structClass._capnp.size
    if (utils.isNull(struct)) {
      utils.initStruct(size, struct)
      return struct
    }
    const found = utils.getTargetStructSize(struct)
    if (found.dataByteLength < size.dataByteLength || found.pointerLength < size.pointerLength) {
      utils.resize(size, struct)
    }
    return struct
  } catch (cause) {
    throw malformed("does not follow the schema", cause)
  }
}

function openMessage(frame: Frame): Message {
  const [only, ...others] = frame.segments
  if (only !== undefined && others.length === 0) return new Message(only.buffer, false, true)
  return new Message(unframed(frame), false)
}

/** Back into one buffer, with spare room at the end: capnp-es wants more bytes behind the header than it uses. */
function unframed(frame: Frame): ArrayBuffer {
  const { segments } = frame
  const header = Math.ceil((4 + 4 * segments.length) / WORD_BYTES) * WORD_BYTES
  const body = segments.reduce((bytes, segment) => bytes + segment.byteLength, 0)
  const bytes = new Uint8Array(header + body + 4 * segments.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, segments.length - 1, true)
  let at = header
  for (const [index, segment] of segments.entries()) {
    view.setUint32(4 + 4 * index, segment.byteLength / WORD_BYTES, true)
    bytes.set(new Uint8Array(segment.buffer), at)
    at += segment.byteLength
  }
  return bytes.buffer
}
