/** What identifies a server: SHA-256 of its certificate's SubjectPublicKeyInfo, and how people compare it. */
import { X509Certificate, createHash } from "node:crypto"
import type { KeyObject } from "node:crypto"
import { attempt } from "../domain/attempt.ts"

/** PEM text (the first certificate counts) or DER. @throws E057 when it is no certificate. */
export function readCertificate(pemOrDer: string | Uint8Array): X509Certificate {
  return attempt("E057", "not an X.509 certificate", () => new X509Certificate(pemOrDer))
}

/** Nobody but its own key vouches for it. @param pem the first certificate counts. @throws E057 */
export function isSelfSigned(pem: string): boolean {
  const certificate = readCertificate(pem)
  return certificate.subject === certificate.issuer && certificate.verify(publicKeyOf(certificate))
}

/** 32 bytes; stays the same when a certificate is renewed for the same key. @throws E057 for a key that is none. */
export function pinOf(certificate: X509Certificate): Uint8Array {
  return new Uint8Array(createHash("sha256").update(spkiOf(certificate)).digest())
}

/** For reading aloud: 16 groups of four hex digits. */
export function fingerprintText(pin: Uint8Array): string {
  const digits = Buffer.from(pin).toString("hex").toUpperCase()
  return (digits.match(/.{1,4}/g) ?? []).join(" ")
}

const spkiOf = (certificate: X509Certificate): Buffer =>
  publicKeyOf(certificate).export({ type: "spki", format: "der" })

/** Read only when it is asked for, and then OpenSSL may not know what it is. */
const publicKeyOf = (certificate: X509Certificate): KeyObject =>
  attempt("E057", "the certificate's key cannot be read", () => certificate.publicKey)
