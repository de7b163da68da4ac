/** What travels between a face and the core's thread. */
import type { ErrorCode } from "../domain/errors.ts"
import type { ClientEvent, Core } from "./client-api.ts"
import type { ErrorStep } from "./error-trace.ts"

/** Methods that are calls; `events` is a stream and travels by itself. */
export type CoreMethod = Exclude<keyof Core, "events">

export interface ToCore {
  readonly id: number
  readonly method: CoreMethod
  readonly args: readonly unknown[]
}

export interface PortError {
  readonly code: ErrorCode
  readonly detail: string | undefined
  /** For the log. */
  readonly trace: readonly ErrorStep[]
}

export type FromCore =
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly error: PortError }
  | { readonly kind: "event"; readonly event: ClientEvent }
  /** Sent every second; silence means that the thread hangs. */
  | { readonly kind: "beat" }

/** One end of a message channel, as both worker_threads' Worker and MessagePort are. */
export interface Port<In, Out> {
  postMessage(message: Out): void
  on(event: "message", listener: (message: In) => void): unknown
}

export const BEAT_MS = 1000
