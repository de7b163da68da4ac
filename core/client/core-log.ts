/** What a core does as lines of a log: no text, no name, no key; groups and messages by the beginning of their ids. */
import { isErrorCode } from "../domain/errors.ts"
import type { ErrorCode } from "../domain/errors.ts"
import type { ClientEvent } from "./client-api.ts"
import type { ErrorStep } from "./error-trace.ts"

export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export type LogValue = string | number | boolean | readonly ErrorStep[]

export interface LogEntry {
  readonly level: LogLevel
  readonly event: string
  readonly about: Readonly<Record<string, LogValue>>
}

export type WriteLog = (entry: LogEntry) => void

export interface FailedCall {
  readonly method: string
  readonly code: string
  readonly trace: readonly ErrorStep[]
}

/** Longer than a person waits without asking what is the matter. */
export const SLOW_MS = 2000
/** These wait for the network or for a file as long as they are told. */
const PATIENT: ReadonlySet<string> = new Set(["sync", "follow", "uploadFiles", "saveFile", "checkGroups"])
const ID_DIGITS = 8

/** What is expected of a person's answers and of a network that comes and goes is no error. */
const EXPECTED: ReadonlySet<ErrorCode> = new Set(["E015", "E033", "E053", "E054", "E055", "E059", "E061", "E070"])

export function failureEntry({ method, code, trace }: FailedCall): LogEntry {
  const level = isErrorCode(code) && EXPECTED.has(code) ? "info" : "error"
  return { level, event: "call failed", about: { method, code, ...(trace.length > 0 && { trace }) } }
}

/** undefined: quick enough. */
export const slowEntry = (method: string, ms: number): LogEntry | undefined =>
  ms > SLOW_MS && !PATIENT.has(method)
    ? { level: "warn", event: "slow", about: { method, ms: Math.round(ms) } }
    : undefined

const short = (id: string): string => id.slice(0, ID_DIGITS)

type Entries = {
  readonly [Kind in ClientEvent["kind"]]: (event: Extract<ClientEvent, { readonly kind: Kind }>) => LogEntry | undefined
}

const ENTRIES: Entries = {
  link: ({ link: { state, code, tries, roundTripMs } }) => ({
    level: "info",
    event: "link",
    about: { state, tries, roundTripMs: Math.round(roundTripMs), ...(code && { code }) },
  }),
  // Its message may name people, groups and files.
  trouble: ({ code }) => ({ level: "warn", event: "trouble", about: { code } }),
  delivery: ({ groupId, id, delivery }) => ({
    level: delivery === "failed" ? "warn" : "debug",
    event: "delivery",
    about: { group: short(groupId), id: short(id), delivery },
  }),
  timeline: ({ row: { groupId, id, kind, own, epoch } }) => ({
    level: "debug",
    event: "line",
    about: { group: short(groupId), id: short(id), kind, own, epoch },
  }),
  group: ({ group: { groupId, epoch, members, status } }) => ({
    level: "debug",
    event: "group",
    about: { group: short(groupId), epoch, members: members.length, status },
  }),
  vanished: ({ lines }) => ({ level: "debug", event: "disappeared", about: { lines: lines.length } }),
  typing: () => undefined,
  groupGone: ({ groupId }) => ({ level: "info", event: "group gone", about: { group: short(groupId) } }),
  transfer: ({ transfer: { id, direction, state, total } }) =>
    state === "running"
      ? undefined
      : { level: "info", event: "file", about: { id: short(id), direction, state, total } },
  contact: ({ state, verified }) => ({ level: "info", event: "key", about: { state, verified } }),
  // Once a second while other programs of the profile are at work.
  lagged: () => ({ level: "debug", event: "lagged", about: {} }),
  caughtUp: () => ({ level: "debug", event: "caught up", about: {} }),
  queue: ({ queued }) => ({ level: "debug", event: "queue", about: { queued } }),
}

/** undefined: nothing worth a line. */
function eventEntry(event: ClientEvent): LogEntry | undefined {
  // Each entry takes the events of its own kind.
  const entry = ENTRIES[event.kind] as (event: ClientEvent) => LogEntry | undefined
  return entry(event)
}

/** The link is told of with each sync; a line says that it has changed. */
export function eventEntries(): (event: ClientEvent) => LogEntry | undefined {
  let known = ""
  return (event) => {
    if (event.kind !== "link") return eventEntry(event)
    const { state, code, tries } = event.link
    const now = `${state} ${code} ${tries}`
    if (now === known) return undefined
    known = now
    return eventEntry(event)
  }
}
