/** Small programs on streams: an echo server, and reading to the end. */
import { concat, copyOf } from "../../core/domain/bytes.ts"
import type { ByteStream, Connection, StreamFailure } from "../../core/transport/transport.ts"

/** Sends back whatever comes on any stream, with backpressure, and ends when the peer ends. */
export function echo(connection: Connection): void {
  connection.onStream((stream) => {
    stream.onDrain(() => stream.resume())
    stream.onEnd(() => stream.end())
    stream.onData((bytes) => {
      if (!stream.write(copyOf(bytes))) stream.pause()
    })
  })
}

export interface Received {
  readonly bytes: () => Uint8Array
  readonly length: () => number
  readonly ended: () => boolean
  readonly failure: () => StreamFailure | undefined
}

/** Keeps everything that arrives. */
export function collect(stream: ByteStream): Received {
  const parts: Uint8Array[] = []
  let length = 0
  let ended = false
  let failure: StreamFailure | undefined
  stream.onEnd(() => (ended = true))
  stream.onFailure((seen) => (failure = seen))
  stream.onData((bytes) => {
    parts.push(copyOf(bytes))
    length += bytes.length
  })
  return { bytes: () => concat(...parts), length: () => length, ended: () => ended, failure: () => failure }
}
