/** The server's certificate on disk: the operator's PEM files, or our own, made at the first start and kept. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs"
import { join } from "node:path"
import { utf8 } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import type { World } from "../../core/domain/world.ts"
import type { ServerCertificate } from "../../core/transport/certificate.ts"
import { readCertificate } from "../../core/transport/pin.ts"
import type { ServerConfig } from "../config.ts"

const CERTIFICATE_FILE = "tls-cert.pem"
const KEY_FILE = "tls-key.pem"
const WARN_DAYS = 30

/**
 * Makes a certificate only where there is none: a new key would be another pin, and every client would refuse it.
 * @throws E071 when one of our two files is missing, E072 when one cannot be read or written.
 */
export async function serverCertificate(config: ServerConfig, world: World): Promise<ServerCertificate> {
  if (config.tlsFiles) return read(config.tlsFiles.certificate, config.tlsFiles.key)
  const certificate = join(config.dataDir, CERTIFICATE_FILE)
  const key = join(config.dataDir, KEY_FILE)
  finishRename(certificate, key)
  if (!existsSync(certificate) && !existsSync(key)) {
    // A third of the server's code, for the first start alone.
    const { makeCertificate } = await import("../../core/transport/certificate.ts")
    const isWildcard = ["0.0.0.0", "::"].includes(config.listen.host)
    const made = await makeCertificate(world, isWildcard ? [] : [config.listen.host])
    keep(made, certificate, key)
    return made
  }
  for (const path of [certificate, key]) {
    if (!existsSync(path)) throw new QpqError("E071", `${path} is missing; put it back, or remove both for a new pin`)
  }
  return read(certificate, key)
}

/** What the operator should hear about the certificate's dates; undefined while there is nothing to say. */
export function expiryWarning({ certificatePem }: ServerCertificate, now: number): string | undefined {
  const notAfter = Date.parse(readCertificate(certificatePem).validTo)
  const days = Math.floor((notAfter - now) / DAY_MS)
  if (days >= WARN_DAYS) return undefined
  const date = new Date(notAfter).toISOString().slice(0, 10)
  return days < 0 ? `the certificate expired on ${date}` : `the certificate expires on ${date}, in ${days} days`
}

/** Both are whole on disk before the first gets its name; a start that was cut off in between is finished by the next. */
function keep({ certificatePem, keyPem }: ServerCertificate, certificate: string, key: string): void {
  try {
    writeDurably(unfinished(certificate), certificatePem, 0o644)
    writeDurably(unfinished(key), keyPem, 0o600)
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

const unfinished = (path: string): string => `${path}.new`

function writeDurably(path: string, text: string, mode: number): void {
  const file = openSync(path, "w", mode)
  try {
    writeSync(file, utf8(text))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

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
