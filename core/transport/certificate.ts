/** Makes the certificate a server shows when its operator brings none: self-signed, P-256, ten years. */
import "reflect-metadata"
import { webcrypto } from "node:crypto"
import { isIP } from "node:net"
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509"
import { hex } from "../domain/bytes.ts"
import type { World } from "../domain/world.ts"

const LIFETIME_DAYS = 3650
const DAY_MS = 86_400_000
/** So that a client whose clock is a little behind does not refuse it. */
const BACKDATE_MS = 3_600_000
const SERIAL_BYTES = 16
const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const
const LOCAL_NAMES = ["localhost", "127.0.0.1", "::1"]

export interface ServerCertificate {
  /** The certificate, then the ones that signed it, as PEM. */
  readonly certificatePem: string
  /** PKCS #8 as PEM: to be written for the owner's eyes only, never logged. */
  readonly keyPem: string
}

/** @param names DNS names and addresses it is valid for, besides this computer's own. */
export async function makeCertificate(world: World, names: readonly string[]): Promise<ServerCertificate> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"])
  const subjectNames = [...new Set([...LOCAL_NAMES, ...names])]
  const now = world.clock.now()
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      // A positive number, as RFC 5280 section 4.1.2.2 wants it.
      serialNumber: `01${hex(world.random.bytes(SERIAL_BYTES))}`,
      name: [{ CN: [names[0] ?? "qpq server"] }],
      notBefore: new Date(now - BACKDATE_MS),
      notAfter: new Date(now + LIFETIME_DAYS * DAY_MS),
      signingAlgorithm: { ...KEY_ALGORITHM, hash: "SHA-256" },
      keys,
      extensions: [
        new SubjectAlternativeNameExtension(
          subjectNames.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
        ),
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      ],
    },
    webcrypto,
  )
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)
  return { certificatePem: certificate.toString("pem"), keyPem: PemConverter.encode(key, "PRIVATE KEY") }
}
