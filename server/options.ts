/** Every setting of the server by name: what it takes, what it means, what it is when nobody says. */
import { MAILBOX_BYTES_MAX, MAILBOX_ROWS_MAX } from "../core/domain/limits.ts"
import { RATE_SETTINGS } from "./node/rate-limits.ts"

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface OptionRow {
  readonly value: string
  readonly meaning: string
  readonly byDefault?: string
}

/** Flag `--name`, environment QPQ_NAME, key `name` of the TOML file. */
export const OPTIONS = {
  config: { value: "FILE", meaning: "TOML file with any of the settings below" },
  production: {
    value: "YES|NO",
    meaning: "refuses to start with settings that are not fit for the open internet, and names them all",
    byDefault: "no",
  },
  "data-dir": { value: "DIR", meaning: "folder of the database and the certificate" },
  listen: {
    value: "HOST:PORT",
    meaning: "UDP address to serve on; port 0 takes a free one",
    byDefault: "0.0.0.0:7000",
  },
  health: {
    value: "HOST:PORT",
    meaning: "HTTP address of /healthz and /readyz for all, /metrics and the status page for this computer",
    byDefault: "127.0.0.1:9700",
  },
  "health-token-file": {
    value: "FILE",
    meaning:
      "token, at least 16 characters, that opens all of --health to other computers: Bearer, or the password of Basic",
  },
  "tls-cert": { value: "FILE", meaning: "certificate chain (PEM) instead of the server's own; needs --tls-key" },
  "tls-key": { value: "FILE", meaning: "private key (PEM) of --tls-cert" },
  trust: {
    value: "HOW",
    meaning: "how clients know the server: ca, or pin when everybody gets its address with the pin",
    byDefault: "ca",
  },
  db: { value: "URL", meaning: "sqlite:PATH or a path; by default node.sqlite in the data folder" },
  "db-key-file": { value: "FILE", meaning: "32 bytes, or 64 hex digits, that encrypt the database" },
  "auth-token-file": { value: "FILE", meaning: "static token of services, at least 16 characters" },
  registration: {
    value: "POLICY",
    meaning: "who may register: open (anybody), invite (with a token of invite-token), closed (nobody)",
    byDefault: "open",
  },
  "channel-access": {
    value: "WHO",
    meaning: "who may use a 1:1 channel: members, or anyone",
    byDefault: "members",
  },
  "mailbox-messages": {
    value: "COUNT",
    meaning: "messages that wait for one device; one sender's may be a quarter of them",
    byDefault: MAILBOX_ROWS_MAX.toString(),
  },
  "mailbox-bytes": {
    value: "MIB",
    meaning: "their size in MiB; a quarter of it must hold the largest message",
    byDefault: (MAILBOX_BYTES_MAX / 1_048_576).toString(),
  },
  "file-size-max": { value: "MIB", meaning: "largest encrypted file that is taken, in MiB", byDefault: "100" },
  "file-quota": {
    value: "MIB",
    meaning: "all files that one account may have here at once, in MiB",
    byDefault: "1024",
  },
  "rate-limit": {
    value: "COUNT",
    meaning: "requests a second of one address, one account, one device; off for no limits",
    byDefault: RATE_SETTINGS.requestsPerSecond.toString(),
  },
  "login-limit": {
    value: "COUNT",
    meaning: "attempts a minute to log in with one name; six times as many from one address",
    byDefault: RATE_SETTINGS.loginsPerMinute.toString(),
  },
  "registration-limit": {
    value: "COUNT",
    meaning: "registrations an hour from one address",
    byDefault: RATE_SETTINGS.registrationsPerHour.toString(),
  },
  "ingress-limit": {
    value: "MIB",
    meaning: "MiB a second that are read from one address, four times that at once; what comes faster waits",
    byDefault: (RATE_SETTINGS.bytesPerSecond / 1_048_576).toString(),
  },
  supervise: {
    value: "YES|NO",
    meaning: "a parent process replaces the server when it dies or is silent for five seconds",
    byDefault: "yes",
  },
  "audit-log": {
    value: "FILE",
    meaning: "appends JSON lines about logins, tokens, keys, mail and refusals; opened anew at SIGHUP",
  },
  "log-level": { value: "LEVEL", meaning: LOG_LEVELS.join(", "), byDefault: "info" },
} as const satisfies Readonly<Record<string, OptionRow>>

export type OptionName = keyof typeof OPTIONS
export type Settings = Readonly<Partial<Record<OptionName, string>>>

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[]

/** Set by a parent for its child alone: how many servers that takes the place of. */
export const CHILD = "QPQ_SERVER_CHILD"
