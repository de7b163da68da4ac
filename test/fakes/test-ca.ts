/** A certificate authority for tests, those it lets sign for it, and servers' certificates signed by either. */
import "reflect-metadata"
import { webcrypto } from "node:crypto"
import { isIP } from "node:net"
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509"
import type { X509Certificate } from "@peculiar/x509"
import type { ServerCertificate } from "../../core/transport/certificate.ts"

const EC = { name: "ECDSA", namedCurve: "P-256" } as const
const SIGNING = { ...EC, hash: "SHA-256" }
const HOUR_MS = 3_600_000

export interface Dates {
  readonly notBefore: Date
  readonly notAfter: Date
}

export interface TestCa {
  readonly pem: string
  issue(names: readonly string[], algorithm?: "P-256" | "Ed25519", dates?: Dates): Promise<ServerCertificate>
  /** Another one, which this one vouches for. */
  intermediate(name: string, dates?: Dates): Promise<TestCa>
}

/** From and to, in hours from now. */
export const hours = (from: number, to: number): Dates => ({
  notBefore: new Date(Date.now() + from * HOUR_MS),
  notAfter: new Date(Date.now() + to * HOUR_MS),
})

export async function makeTestCa(name = "test CA"): Promise<TestCa> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ["sign", "verify"])
  const root = await X509CertificateGenerator.createSelfSigned(
    {
      ...hours(-1, 1),
      serialNumber: "01",
      name: `CN=${name}`,
      keys,
      signingAlgorithm: SIGNING,
      extensions: [new BasicConstraintsExtension(true, 1, true)],
    },
    webcrypto,
  )
  return signer(root, keys)
}

function signer(certificate: X509Certificate, keys: webcrypto.CryptoKeyPair): TestCa {
  const signed = { issuer: certificate.subject, signingKey: keys.privateKey, signingAlgorithm: SIGNING }
  return {
    pem: certificate.toString("pem"),
    async issue(names, algorithm = "P-256", dates = hours(-1, 1)) {
      const wanted = algorithm === "P-256" ? EC : { name: "Ed25519" }
      const leafKeys = (await webcrypto.subtle.generateKey(wanted, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair
      const leaf = await X509CertificateGenerator.create(
        {
          ...dates,
          ...signed,
          serialNumber: "02",
          subject: "CN=test server",
          publicKey: leafKeys.publicKey,
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
    async intermediate(name, dates = hours(-1, 1)) {
      const itsKeys = await webcrypto.subtle.generateKey(EC, true, ["sign", "verify"])
      const extensions = [new BasicConstraintsExtension(true, 0, true)]
      const subject = { serialNumber: "03", subject: `CN=${name}`, publicKey: itsKeys.publicKey, extensions }
      return signer(await X509CertificateGenerator.create({ ...dates, ...signed, ...subject }, webcrypto), itsKeys)
    },
  }
}
