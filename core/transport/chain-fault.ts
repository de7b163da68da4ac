/** Why a chain of certificates was not trusted, in words: the TLS library tells only that it was not. */
import type { X509Certificate } from "node:crypto"
import { isIP } from "node:net"
import { readCertificate } from "./pin.ts"

const NAMES_CHARACTERS_MAX = 120
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

export interface ChainExpectation {
  /** PEM of the certificates that may vouch for others. */
  readonly roots: string
  /** The name or address that was dialled. */
  readonly name: string
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

/** @param chain as the server showed it, its own certificate first. undefined: nothing is found wrong with it. */
export function chainFault(chain: readonly X509Certificate[], expected: ChainExpectation): string | undefined {
  const [leaf, ...others] = chain
  if (!leaf) return "the server showed no certificate"
  const used = pathFrom(leaf, others)
  return (
    used.map((certificate) => dateFault(certificate, expected.now)).find((fault) => fault !== undefined) ??
    nameFault(leaf, expected.name) ??
    issuerFault(leaf, used.at(-1) ?? leaf, expected.roots)
  )
}

/** undefined when the certificate is for that DNS name or address. */
export function nameFault(certificate: X509Certificate, name: string): string | undefined {
  const isNamed = isIP(name) === 0 ? certificate.checkHost(name, { subject: "never" }) : certificate.checkIP(name)
  if (isNamed !== undefined) return undefined
  return `the certificate is not for ${name}, but for ${plain(certificate.subjectAltName ?? "no name at all")}`
}

/** Each but the first vouches for the one before it. */
function pathFrom(leaf: X509Certificate, others: readonly X509Certificate[]): readonly X509Certificate[] {
  const path = [leaf]
  let next: X509Certificate | undefined = leaf
  while (next && path.length <= others.length) {
    const child: X509Certificate = next
    next = others.find((other) => !path.includes(other) && isIssuedBy(child, other))
    if (next) path.push(next)
  }
  return path
}

function dateFault(certificate: X509Certificate, now: number): string | undefined {
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  const whose = certificate.ca ? `the certificate of ${plain(certificate.subject)}` : "the certificate"
  if (now > to) return `${whose} expired on ${new Date(to).toISOString()}`
  if (now < from)
    return `${whose} is not valid before ${new Date(from).toISOString()}; or this computer's clock is wrong`
  return undefined
}

function issuerFault(leaf: X509Certificate, last: X509Certificate, roots: string): string | undefined {
  const trusted = (roots.match(CERTIFICATE) ?? []).map((pem) => readCertificate(pem))
  if (trusted.some((root) => root.raw.equals(last.raw) || isIssuedBy(last, root))) return undefined
  const issuer = plain(last.issuer)
  if (last.subject === last.issuer) {
    return last === leaf
      ? "the server itself signed its certificate"
      : `the CA ${issuer} is not one that is trusted here`
  }
  if (trusted.some((root) => root.subject === last.issuer)) return `signed by another CA with the name ${issuer}`
  return `the issuer ${issuer} is neither trusted here nor shown by the server (a certificate in between may be missing)`
}

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)

/** What a stranger wrote, on one line. */
const plain = (text: string): string =>
  text
    .replaceAll("\n", ", ")
    .replaceAll(/[^\x20-\x7e]/g, "?")
    .slice(0, NAMES_CHARACTERS_MAX)
