/** Puts an endpoint on a stream: bytes and back-pressure both ways. */
import { QpqError } from "../domain/errors.ts"
import { Endpoint, type EndpointOptions } from "./endpoint.ts"
import type { ByteSink } from "./output.ts"

/** What an endpoint needs of a bidirectional byte stream; core/transport's streams are of this kind. */
export interface StreamLike extends ByteSink {
  onData(handler: (bytes: Uint8Array) => void): void
  onEnd(handler: () => void): void
  /** There is room again after a `write` that returned false. */
  onDrain(handler: () => void): void
  /** The stream broke. */
  onFailure(handler: (failure: StreamFailure) => void): void
}

type StreamFailure =
  | { readonly kind: "reset"; readonly code: number }
  | { readonly kind: "closed"; readonly reason: { readonly error: QpqError } }

/** From here on the endpoint owns the stream. */
export function attach(stream: StreamLike, options: Omit<EndpointOptions, "sink">): Endpoint {
  const endpoint = new Endpoint({ ...options, sink: stream })
  stream.onEnd(() => endpoint.ended())
  stream.onDrain(() => endpoint.drained())
  stream.onFailure((failure) => {
    endpoint.failed(failure.kind === "closed" ? failure.reason.error : new QpqError("E054", "the stream was reset"))
  })
  stream.onData((bytes) => endpoint.receive(bytes))
  return endpoint
}
