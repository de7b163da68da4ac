/** What the end of a QUIC connection means in the terms of the error table. */
import type { ConnectionError } from "@matrixai/quic/native/types.js"
import type { ErrorCode } from "../domain/errors.ts"
import { QpqError } from "../domain/errors.ts"
import { applicationError } from "./connection-base.ts"
import { ALPN } from "./quic-config.ts"
import { SERVER_SHUTDOWN } from "./transport.ts"
import type { CloseReason } from "./transport.ts"

/** Transport codes (RFC 9000 section 20.1); TLS alerts stand at 0x100 + alert (RFC 8446 section 6). */
export const TRANSPORT_CODES = {
  internalError: 0x1,
  connectionRefused: 0x2,
  badCertificate: 0x12a,
  noApplicationProtocol: 0x178,
} as const

/** From bad_certificate to decrypt_error, which a signature that does not verify gives. */
const CERTIFICATE_ALERT_FIRST = 0x12a
const CERTIFICATE_ALERT_LAST = 0x133
const UNRECOGNIZED_NAME = 0x170

export interface NativeClose {
  readonly local: ConnectionError | null
  readonly peer: ConnectionError | null
  readonly isEstablished: boolean
  /** Why we did not want the peer, when that is what ended it. */
  readonly refusal: QpqError | undefined
}

export function closeReasonOf(close: NativeClose): CloseReason {
  const { peer, local, refusal } = close
  if (refusal) return { by: "local", code: local?.errorCode ?? 0, reason: refusal.message, error: refusal }
  if (peer) return { by: "peer", code: peer.errorCode, reason: textOf(peer), error: errorOf(peer) }
  if (local) {
    const reason = textOf(local)
    return { by: "local", code: local.errorCode, reason, error: local.isApp ? lost(reason) : errorOf(local) }
  }
  return close.isEstablished
    ? { by: "idle", code: 0, reason: "nothing heard", error: lost("nothing heard") }
    : { by: "handshake", code: 0, reason: "no answer", error: new QpqError("E053", "no answer") }
}

function errorOf({ isApp, errorCode, reason }: ConnectionError): QpqError {
  const text = Buffer.from(reason).toString()
  if (isApp) return applicationError(errorCode, text)
  if (errorCode === TRANSPORT_CODES.connectionRefused && text === SERVER_SHUTDOWN) return new QpqError("E059")
  if (errorCode === TRANSPORT_CODES.noApplicationProtocol) {
    return new QpqError("E058", `this client speaks ${ALPN} over QUIC version 1, the server does not`)
  }
  return new QpqError(transportMeaning(errorCode), text === "" ? `QUIC error 0x${errorCode.toString(16)}` : text)
}

function transportMeaning(code: number): ErrorCode {
  if (code === TRANSPORT_CODES.connectionRefused) return "E051"
  if (code === UNRECOGNIZED_NAME) return "E057"
  if (code >= CERTIFICATE_ALERT_FIRST && code <= CERTIFICATE_ALERT_LAST) return "E057"
  return "E054"
}

const textOf = (error: ConnectionError): string => Buffer.from(error.reason).toString()

const lost = (why: string): QpqError => new QpqError("E054", why === "" ? undefined : why)
