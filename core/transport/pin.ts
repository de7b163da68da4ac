/** What identifies a server: SHA-256 of its certificate's SubjectPublicKeyInfo, and how people compare it. */
import { X509Certificate, createHash } from "node:crypto"
import { QpqError } from "../domain/errors.ts"

/** PEM text (the first certificate counts) or DER. @throws E057 when it is no certificate. */
export function readCertificate(pemOrDer: string | Uint8Array): X509Certificate {
  try {
    return new X509Certificate(pemOrDer)
  } catch (cause) {
    throw new QpqError("E057", "not an X.509 certificate", { cause })
  }
}

/** Nobody but its own key vouches for it. @param pem the first certificate counts. @throws E057 */
export function isSelfSigned(pem: string): boolean {
  const certificate = readCertificate(pem)
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey)
}

/** 32 bytes; stays the same when a certificate is renewed for the same key. */
export function pinOf(certificate: X509Certificate): Uint8Array {
  return new Uint8Array(createHash("sha256").update(spkiOf(certificate)).digest())
}

/** For reading aloud: 16 groups of four hex digits. */
export function fingerprintText(pin: Uint8Array): string {
  const digits = Buffer.from(pin).toString("hex").toUpperCase()
  return (digits.match(/.{1,4}/g) ?? []).join(" ")
}

const spkiOf = (certificate: X509Certificate): Buffer => certificate.publicKey.export({ type: "spki", format: "der" })
