/** The server's certificate on disk: the operator's PEM files, or our own, made at the first start and kept. */
import { existsSync, readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { utf8 } from "../../core/domain/bytes.ts"
import { writeDurably } from "../../core/domain/durable-file.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { CERTIFICATE_WARN_DAYS, DAY_MS } from "../../core/domain/limits.ts"
import type { World } from "../../core/domain/world.ts"
import type { ServerCertificate } from "../../core/transport/certificate.ts"
import { readCertificate } from "../../core/transport/pin.ts"
import type { ServerConfig } from "../config.ts"

/** What counts now, and what will when the operator says so. */
const CURRENT = { certificate: "tls-cert.pem", key: "tls-key.pem" }
const NEXT = { certificate: "tls-next-cert.pem", key: "tls-next-key.pem" }

const OWN_NAMES = [CURRENT, NEXT].flatMap(({ certificate, key }) => [certificate, key])

export const isOwnName = (name: string): boolean => OWN_NAMES.includes(name)

interface Pair {
  readonly certificate: string
  readonly key: string
}

/**
 * Makes a certificate only where there is none: a new key would be another pin, and every client would refuse it.
 * @throws E071 when one of our two files is missing, E072 when one cannot be read or written.
 */
export async function serverCertificate(config: ServerConfig, world: World): Promise<ServerCertificate> {
  if (config.tlsFiles) return read(config.tlsFiles.certificate, config.tlsFiles.key)
  const { certificate, key } = pairIn(config, CURRENT)
  finishRename(certificate, key)
  finishExchange(config)
  if (!existsSync(certificate) && !existsSync(key)) return newPair(config, world, { certificate, key })
  for (const path of [certificate, key]) {
    if (!existsSync(path)) throw new QpqError("E071", `${path} is missing; put it back, or remove both for a new pin`)
  }
  return read(certificate, key)
}

/**
 * The pair that will take the other's place; undefined while none is prepared, or where the files are the operator's own.
 * @throws E072
 */
export function nextCertificate(config: ServerConfig): ServerCertificate | undefined {
  const { certificate, key } = pairIn(config, NEXT)
  if (config.tlsFiles || !existsSync(certificate) || !existsSync(key)) return undefined
  return read(certificate, key)
}

/** Makes it unless it is there: its pin may have been given away already. @throws E071 with files of the operator, E072 */
export async function prepareNextCertificate(config: ServerConfig, world: World): Promise<ServerCertificate> {
  refuseOperators(config)
  return nextCertificate(config) ?? newPair(config, world, pairIn(config, NEXT))
}

/** The prepared pair is the current one from now on; the current one is gone. @throws E071 when none is prepared, E072 */
export function exchangeCertificate(config: ServerConfig): void {
  refuseOperators(config)
  if (!nextCertificate(config))
    throw new QpqError("E071", "no next certificate is prepared: qpq-server next-certificate")
  const [next, current] = [pairIn(config, NEXT), pairIn(config, CURRENT)]
  try {
    renameSync(next.key, current.key)
    renameSync(next.certificate, current.certificate)
  } catch (cause) {
    throw new QpqError("E072", `${current.certificate} cannot be replaced`, { cause })
  }
}

/** By name, for a backup: without them a restored server would show another key. None where they are the operator's. */
export function ownFiles(config: Pick<ServerConfig, "dataDir" | "tlsFiles">): Record<string, Uint8Array> {
  if (config.tlsFiles) return {}
  const there = OWN_NAMES.filter((name) => existsSync(join(config.dataDir, name)))
  return Object.fromEntries(there.map((name) => [name, readFileSync(join(config.dataDir, name))]))
}

/** What the operator should hear about the certificate's dates; undefined while there is nothing to say. */
export function expiryWarning({ certificatePem }: ServerCertificate, now: number): string | undefined {
  const notAfter = notAfterOf(certificatePem)
  const days = Math.floor((notAfter - now) / DAY_MS)
  if (days >= CERTIFICATE_WARN_DAYS) return undefined
  const date = new Date(notAfter).toISOString().slice(0, 10)
  return days < 0 ? `the certificate expired on ${date}` : `the certificate expires on ${date}, in ${days} days`
}

/** Why nobody who looks at its dates would trust it now. @throws E057 */
export function outOfDate({ certificatePem }: ServerCertificate, now: number): string | undefined {
  const { validFrom, validTo } = readCertificate(certificatePem)
  if (now < Date.parse(validFrom)) return `the certificate is not valid before ${validFrom}`
  return now > Date.parse(validTo) ? `the certificate expired at ${validTo}` : undefined
}

/** Milliseconds since the Unix epoch. @throws E057 */
export function notAfterOf(certificatePem: string): number {
  const notAfter = Date.parse(readCertificate(certificatePem).validTo)
  if (Number.isNaN(notAfter)) throw new QpqError("E057", "the certificate's last date is none")
  return notAfter
}

const pairIn = ({ dataDir }: ServerConfig, names: Pair): Pair => ({
  certificate: join(dataDir, names.certificate),
  key: join(dataDir, names.key),
})

function refuseOperators({ tlsFiles }: ServerConfig): void {
  if (!tlsFiles) return
  throw new QpqError("E071", `the certificate is ${tlsFiles.certificate}: put the next one there and send SIGHUP`)
}

async function newPair(config: ServerConfig, world: World, { certificate, key }: Pair): Promise<ServerCertificate> {
  // A third of the server's code, for the first start alone.
  const { makeCertificate } = await import("../../core/transport/certificate.ts")
  const isWildcard = ["0.0.0.0", "::"].includes(config.listen.host)
  const made = await makeCertificate(world, isWildcard ? [] : [config.listen.host])
  keep(made, certificate, key)
  return made
}

/** Both are whole on disk before the first gets its name; a start that was cut off in between is finished by the next. */
function keep({ certificatePem, keyPem }: ServerCertificate, certificate: string, key: string): void {
  try {
    writeDurably(unfinished(certificate), { bytes: utf8(certificatePem), mode: 0o644 })
    writeDurably(unfinished(key), { bytes: utf8(keyPem), mode: 0o600 })
    renameSync(unfinished(key), key)
    renameSync(unfinished(certificate), certificate)
  } catch (cause) {
    throw new QpqError("E072", `${certificate} cannot be written`, { cause })
  }
}

function finishRename(certificate: string, key: string): void {
  if (existsSync(key) && !existsSync(certificate) && existsSync(unfinished(certificate))) {
    renameSync(unfinished(certificate), certificate)
  }
}

/** The key goes first, so a next certificate without its key belongs to a key that counts already. */
function finishExchange(config: ServerConfig): void {
  const [next, current] = [pairIn(config, NEXT), pairIn(config, CURRENT)]
  if (existsSync(next.certificate) && !existsSync(next.key)) renameSync(next.certificate, current.certificate)
}

const unfinished = (path: string): string => `${path}.new`

function read(certificate: string, key: string): ServerCertificate {
  return { certificatePem: pem(certificate), keyPem: pem(key) }
}

function pem(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch (cause) {
    throw new QpqError("E072", path, { cause })
  }
}
