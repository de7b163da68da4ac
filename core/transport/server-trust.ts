/** What a client checks when the handshake is complete and before it sends anything: protocol, then pin or name. */
import type { X509Certificate } from "node:crypto"
import type { Connection as NativeConnection } from "@matrixai/quic/native/types.js"
import { equal } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { chainFault, nameFault } from "./chain-fault.ts"
import { fingerprintText, pinOf, readCertificate } from "./pin.ts"
import { ALPN, rootsOf } from "./quic-config.ts"
import type { Trust } from "./transport.ts"

/** @throws E058 unless the peers agreed on our protocol. */
export function checkProtocol(native: NativeConnection): void {
  if (Buffer.from(native.applicationProto()).toString() !== ALPN)
    throw new QpqError("E058", `this client speaks ${ALPN}, the server agreed to nothing`)
}

/** The server's own certificate. @throws E057 when it showed none. */
export function leafCertificate(native: NativeConnection): X509Certificate {
  const leaf = native.peerCertChain()?.[0]
  if (!leaf) throw new QpqError("E057", "no certificate")
  return readCertificate(leaf)
}

/** The server's pin. With trust by CA the TLS library has verified the chain already. @throws E056, E057 */
export function checkServer(certificate: X509Certificate, trust: Trust, name: string): Uint8Array {
  const pin = pinOf(certificate)
  if (trust.kind === "pins") {
    if (trust.pins.some((known) => equal(known, pin))) return pin
    throw new QpqError("E056", `the server shows ${fingerprintText(pin)}`)
  }
  // The TLS library compares DNS names only.
  const fault = nameFault(certificate, name)
  if (fault !== undefined) throw new QpqError("E057", fault)
  return pin
}

export interface Untrusted {
  readonly trust: Trust | undefined
  readonly name: string
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

/** A refusal by the TLS library with the reason it does not tell; any other error as it is. */
export function explained(error: QpqError, native: NativeConnection, { trust, name, now }: Untrusted): QpqError {
  if (error.code !== "E057" || trust?.kind !== "ca") return error
  const chain = (native.peerCertChain() ?? []).map((der) => readCertificate(der))
  const fault = chainFault(chain, { roots: rootsOf(trust), name, now })
  return fault === undefined ? error : new QpqError("E057", fault, { cause: error })
}
