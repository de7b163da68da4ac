/** A node:net socket as the stream an endpoint is attached to. */
import type { Socket } from "node:net"
import { QpqError } from "../../core/domain/errors.ts"
import type { StreamLike } from "../../core/rpc/attach.ts"

export function socketStream(socket: Socket): StreamLike {
  socket.setNoDelay(true)
  return {
    write: (bytes) => socket.destroyed || socket.writableEnded || socket.write(bytes),
    end: () => socket.end(),
    reset: () => socket.destroy(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    onData: (handler) => socket.on("data", handler),
    onEnd: (handler) => socket.on("end", handler),
    onDrain: (handler) => socket.on("drain", handler),
    onFailure: (handler) => {
      socket.on("error", () => undefined)
      socket.on("close", () => handler({ kind: "closed", reason: { error: new QpqError("E054") } }))
    },
  }
}
