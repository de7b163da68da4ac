/** What the text of each setting says. */
import { readFileSync } from "node:fs"
import { isIP } from "node:net"
import { join, resolve } from "node:path"
import { attempt } from "../core/domain/attempt.ts"
import { textFrom, unhex, utf8 } from "../core/domain/bytes.ts"
import { QpqError } from "../core/domain/errors.ts"
import { STATIC_TOKEN_CHARACTERS_MIN } from "../core/domain/limits.ts"
import { REGISTRATION_POLICIES } from "./node/accounts.ts"
import type { RegistrationPolicy } from "./node/accounts.ts"
import type { RateSettings } from "./node/rate-limits.ts"
import { LOG_LEVELS } from "./options.ts"
import type { LogLevel, OptionName, Settings } from "./options.ts"

export interface HostPort {
  /** IPv4 or IPv6 address, without brackets. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

export interface TlsFiles {
  readonly certificate: string
  readonly key: string
}

const DATABASE_FILE = "node.sqlite"
const DATABASE_KEY_BYTES = 32
const PORT_MAX = 65_535
const MEBIBYTE = 1_048_576
const MEBIBYTES_MAX = 1_048_576
const RATE_MAX = 1_000_000
const MAILBOX_MESSAGES_MIN = 100
const MAILBOX_MEBIBYTES_MIN = 24

export function tlsFilesOf(settings: Settings): TlsFiles | undefined {
  const { "tls-cert": certificate, "tls-key": key } = settings
  if (certificate !== undefined && key !== undefined) return { certificate, key }
  if (certificate !== undefined || key !== undefined) throw new QpqError("E071", "tls-cert and tls-key go together")
  return undefined
}

export function hostPort(name: OptionName, text: string): HostPort {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const given = bracketed ?? plain
  const host = given === "localhost" ? "127.0.0.1" : given
  const port = Number(digits)
  if (host === undefined || isIP(host) === 0 || port > PORT_MAX) {
    throw new QpqError("E071", `${name} ${text}: expected ADDRESS:PORT, such as 0.0.0.0:7000 or [::]:7000`)
  }
  return { host, port }
}

export function databasePath(url: string | undefined, dataDir: string): string {
  if (url === undefined) return join(dataDir, DATABASE_FILE)
  const path = url.replace(/^sqlite:/, "")
  // The value may hold a password, so it is not repeated.
  if (path === "" || /^[a-z][a-z0-9+.-]+:/i.test(path)) {
    throw new QpqError("E071", "db: this version only knows sqlite:PATH or a path")
  }
  return resolve(path)
}

export function databaseKey(path: string): Uint8Array {
  const bytes = fileBytes(path)
  if (bytes.length === DATABASE_KEY_BYTES) return bytes
  const text = Buffer.from(bytes).toString("latin1").trim()
  if (/^[0-9a-f]{64}$/i.test(text)) return unhex(text)
  throw new QpqError("E071", "db-key-file: neither 32 bytes nor 64 hex digits")
}

/** @param name the setting that gives the path. */
export function tokenIn(name: OptionName, path: string): Uint8Array {
  const bytes = fileBytes(path)
  const token = attempt("E071", `${name}: not UTF-8`, () => textFrom(bytes)).trim()
  if (token.length < STATIC_TOKEN_CHARACTERS_MIN) {
    throw new QpqError("E071", `${name}: fewer than ${STATIC_TOKEN_CHARACTERS_MIN} characters`)
  }
  return utf8(token)
}

export const mebibytes = (settings: Settings, name: OptionName): number =>
  wholeNumber(settings, name, MEBIBYTES_MAX) * MEBIBYTE

/** Less would not hold the largest message from one sender, or hardly any. */
export const mailboxQuotaOf = (settings: Settings): { readonly rows: number; readonly bytes: number } => ({
  rows: wholeNumber(settings, "mailbox-messages", RATE_MAX, MAILBOX_MESSAGES_MIN),
  bytes: wholeNumber(settings, "mailbox-bytes", MEBIBYTES_MAX, MAILBOX_MEBIBYTES_MIN) * MEBIBYTE,
})

function wholeNumber(settings: Settings, name: OptionName, max: number, min = 1): number {
  const text = settings[name] ?? ""
  const count = Number(text)
  if (!Number.isInteger(count) || count < min || count > max) {
    throw new QpqError("E071", `${name} ${text}: a whole number from ${min} to ${max}`)
  }
  return count
}

/** Limits that are far above what anybody asks are for measurements. */
export function ratesOf(settings: Settings): RateSettings | undefined {
  if (settings["rate-limit"] === "off") return undefined
  return {
    requestsPerSecond: wholeNumber(settings, "rate-limit", RATE_MAX),
    loginsPerMinute: wholeNumber(settings, "login-limit", RATE_MAX),
    registrationsPerHour: wholeNumber(settings, "registration-limit", RATE_MAX),
    bytesPerSecond: wholeNumber(settings, "ingress-limit", RATE_MAX) * 1_048_576,
  }
}

/** Also what QPQ_PRODUCTION=1 says. */
export function isYes(settings: Settings, name: OptionName): boolean {
  const text = settings[name] ?? ""
  if (["yes", "1", "true"].includes(text)) return true
  if (["no", "0", "false"].includes(text)) return false
  throw new QpqError("E071", `${name} ${text}: expected yes or no`)
}

export function registrationOf({ registration }: Settings): RegistrationPolicy {
  const policy = REGISTRATION_POLICIES.find((known) => known === registration)
  if (!policy) {
    throw new QpqError("E071", `registration ${registration ?? ""}: expected ${REGISTRATION_POLICIES.join(", ")}`)
  }
  return policy
}

export function trustOf({ trust }: Settings): "ca" | "pin" {
  if (trust !== "ca" && trust !== "pin") throw new QpqError("E071", `trust ${trust ?? ""}: expected ca or pin`)
  return trust
}

export function isOpen(access: string | undefined): boolean {
  if (access !== "members" && access !== "anyone") {
    throw new QpqError("E071", `channel-access ${access ?? ""}: expected members or anyone`)
  }
  return access === "anyone"
}

export function logLevel(text: string | undefined): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text)
  if (!level) throw new QpqError("E071", `log-level ${text ?? ""}: expected ${LOG_LEVELS.join(", ")}`)
  return level
}

export function fileBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (cause) {
    throw new QpqError("E072", path, { cause })
  }
}
