/** The standard output Ink believes in: every write is a whole frame, handed on to the frame writer. */
import { Readable, Writable } from "node:stream"

export interface FrameSink {
  readonly frame: (text: string) => void
  readonly columns: () => number
  readonly rows: () => number
}

/** Never tells of a resize: the state does, and Ink's own clearing would be wrong here. */
class FrameStream extends Writable {
  readonly isTTY = false
  readonly #sink: FrameSink

  constructor(sink: FrameSink) {
    super({ decodeStrings: false })
    this.#sink = sink
  }

  get columns(): number {
    return this.#sink.columns()
  }

  get rows(): number {
    return this.#sink.rows()
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    if (typeof chunk === "string" && chunk !== "") this.#sink.frame(chunk)
    done()
  }
}

/** Ink's type asks for a terminal's stream; it uses only what is here. */
export const frameStream = (sink: FrameSink): NodeJS.WriteStream =>
  new FrameStream(sink) as unknown as NodeJS.WriteStream

/** Ink reads no keys: key-decoder.ts does. */
export const noInput = (): NodeJS.ReadStream => new Readable({ read: () => undefined }) as unknown as NodeJS.ReadStream
