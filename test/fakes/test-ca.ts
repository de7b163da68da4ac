/** A certificate authority for tests, and servers' certificates signed by it. */
import "reflect-metadata"
import { webcrypto } from "node:crypto"
import { isIP } from "node:net"
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509"
import type { ServerCertificate } from "../../core/transport/certificate.ts"

const EC = { name: "ECDSA", namedCurve: "P-256" } as const
const SIGNING = { ...EC, hash: "SHA-256" }
const HOUR_MS = 3_600_000

export interface TestCa {
  readonly pem: string
  issue(names: readonly string[], algorithm?: "P-256" | "Ed25519"): Promise<ServerCertificate>
}

export async function makeTestCa(): Promise<TestCa> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ["sign", "verify"])
  const dates = { notBefore: new Date(Date.now() - HOUR_MS), notAfter: new Date(Date.now() + HOUR_MS) }
  const root = await X509CertificateGenerator.createSelfSigned(
    {
      ...dates,
      serialNumber: "01",
      name: "CN=test CA",
      keys,
      signingAlgorithm: SIGNING,
      extensions: [new BasicConstraintsExtension(true, 1, true)],
    },
    webcrypto,
  )
  return {
    pem: root.toString("pem"),
    async issue(names, algorithm = "P-256") {
      const wanted = algorithm === "P-256" ? EC : { name: "Ed25519" }
      const leafKeys = (await webcrypto.subtle.generateKey(wanted, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair
      const leaf = await X509CertificateGenerator.create(
        {
          ...dates,
          serialNumber: "02",
          subject: "CN=test server",
          issuer: root.subject,
          publicKey: leafKeys.publicKey,
          signingKey: keys.privateKey,
          signingAlgorithm: SIGNING,
          extensions: [
            new SubjectAlternativeNameExtension(
              names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
            ),
          ],
        },
        webcrypto,
      )
      const key = await webcrypto.subtle.exportKey("pkcs8", leafKeys.privateKey)
      return { certificatePem: leaf.toString("pem"), keyPem: PemConverter.encode(key, "PRIVATE KEY") }
    },
  }
}
