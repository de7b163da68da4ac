/** What a command prints: lines for people, or one JSON object per line for programs. */
import type {
  AccountView,
  ChangeView,
  GroupView,
  MemberView,
  TimelineView,
  TrustView,
} from "../../core/client/client-api.ts"
import { sizeText } from "../../core/domain/attached-file.ts"
import { durationText } from "../../core/domain/duration.ts"
import { ERRORS } from "../../core/domain/errors.ts"
import type { QpqError } from "../../core/domain/errors.ts"
import { cleanLine, cleanText } from "../../core/domain/safe-text.ts"
import type { AnnotationView } from "../../core/client/recv-api.ts"
import { annotationLine, changeLine, messageLine, timerLine } from "../json-lines.ts"
import type { JsonLine, TimerLine } from "../json-lines.ts"

/** Somewhere to write whole lines. */
export interface LineSink {
  write(line: string): void
  /** Where that can be done: in front of a person. */
  readonly overwrite?: (line: string) => void
}

export class Out {
  readonly json: boolean
  readonly #stdout: LineSink
  readonly #stderr: LineSink

  constructor(json: boolean, stdout: LineSink, stderr: LineSink) {
    this.json = json
    this.#stdout = stdout
    this.#stderr = stderr
  }

  /** The one of the two that was asked for. `text` may hold several lines; remote text in it is cleaned by the caller. */
  line(json: JsonLine, text: string): void {
    this.#stdout.write(this.json ? JSON.stringify(json) : text)
  }

  /** A line of JSON, whatever was asked for. */
  raw(line: string): void {
    this.#stdout.write(line)
  }

  /** For people at the terminal; never in the way of a program. */
  note(text: string): void {
    this.#stderr.write(text)
  }

  /** One line on stderr, over the last one; only for a terminal. Empty takes it away. */
  progress(text: string): void {
    if (!this.json) this.#stderr.overwrite?.(text)
  }

  done(text: string): void {
    this.line({ type: "done" }, text)
  }

  failure(error: QpqError): void {
    const { code, message, retryable, request } = error
    this.#stderr.write(`qpq: ${code} ${cleanLine(message)}\n     ${ERRORS[code].remedy}`)
    if (this.json) this.#stdout.write(JSON.stringify({ type: "error", code, message, retryable, request }))
  }

  account({ name, accountKey, deviceKey, server, fingerprint }: AccountView): void {
    const text = `${name} at ${server}\naccount ${fingerprint}`
    this.line({ type: "account", name, accountKey, deviceKey, server }, text)
  }

  group({ name, groupId, epoch, suite, members, unread, peer, peerTrust }: GroupView): void {
    const count = `${members.length} ${members.length === 1 ? "member" : "members"}`
    const people = peer === undefined ? count : "1:1"
    const text = `${cleanLine(name)}  ${groupId.slice(0, 8)}  epoch ${epoch}  ${suite}  ${people}  ${unread} unread${trustText(peerTrust)}`
    const direct = peer === undefined ? {} : { peer, ...trustFields(peerTrust) }
    this.line({ type: "group", name, groupId, epoch, suite, members, unread, ...direct }, text)
  }

  invitation({ name, groupId, peer, peerTrust, inviter = "?" }: GroupView): void {
    const id = groupId.slice(0, 8)
    const text =
      peer === undefined
        ? `invitation to ${cleanLine(name)} (${id}) from ${inviter}; accept with: qpq join ${id}`
        : `${cleanLine(peer)} wants to talk to you (${id}); ${acceptance(cleanLine(peer), peerTrust)}`
    const direct = peer === undefined ? {} : { peer, ...trustFields(peerTrust) }
    this.line({ type: "invitation", group: name, groupId, inviter, ...direct }, text)
  }

  message(row: TimelineView): void {
    const { group, sender, replyTo, reactions } = row
    const to = replyTo ? ` (to ${replyTo.sender})` : ""
    const given = reactions.map(({ emoji, by }) => `  ${cleanLine(emoji)} ${by.join(", ")}`).join("")
    this.line(messageLine(row), `[${cleanLine(group)}] ${sender}${to}: ${shownText(row)}${given}`)
  }

  annotation(said: AnnotationView): void {
    this.line(annotationLine(said), `[${cleanLine(said.group)}] ${said.sender} ${saidText(said)}`)
  }

  saved({ group, id, attachment }: TimelineView, path: string): void {
    this.line({ type: "saved", group, id, path, ...attachment }, `saved as ${cleanLine(path)}`)
  }

  /** @param verified whether the keys of all who get it were compared. */
  sent(group: string, id: string, { state, verified }: { state: "stored" | "queued"; verified: boolean }): void {
    const text = state === "stored" ? "sent" : "queued: it is sent with the next command that goes online"
    this.line({ type: "sent", group, id, state, verified }, text)
  }

  change(change: ChangeView): void {
    const { groupId, group, epoch, added, removed, updated, left, rejoined, newDevices, goneDevices, by, timer } =
      change
    if (timer !== undefined) {
      this.timer({ groupId, group, seconds: timer, by })
      return
    }
    const parts = [
      ...(added.length > 0 ? [`added ${added.join(", ")}`] : []),
      ...(removed.length > 0 ? [`removed ${removed.join(", ")}`] : []),
      ...(updated.length > 0 ? ["renewed keys"] : []),
      ...(left.length > 0 ? ["left"] : []),
      ...(newDevices.length > 0 ? [`added a device of ${newDevices.join(", ")}`] : []),
      ...(goneDevices.length > 0 ? [`removed a device of ${goneDevices.join(", ")}`] : []),
      ...(rejoined.length > 0 ? [`let ${rejoined.join(", ")} in again`] : []),
    ]
    const text = `[${cleanLine(group)}] epoch ${epoch}: ${by} ${parts.join(" and ")}`
    this.line(changeLine(change), text)
  }

  /** @param by who set it; without it what holds is told. */
  timer({ group, groupId, seconds, by }: TimerLine): void {
    const after = seconds === 0 ? "stay" : `disappear after ${durationText(seconds)}`
    const text = `[${cleanLine(group)}] ${by === undefined ? "messages" : `${by} set messages to`} ${after}`
    this.line(timerLine({ group, groupId, seconds, ...(by !== undefined && { by }) }), text)
  }

  member(group: string, member: MemberView): void {
    const { name, deviceKey, verified, self } = member
    const json = { type: "member", group, name, deviceKey, verified, self, ...(!self && trustFields(member)) }
    this.line(json, `${name}${self ? " (you)" : trustText(member)}`)
  }
}

/** "bob (new key)" is nobody before the key is accepted. */
const acceptance = (peer: string, trust: TrustView | undefined): string =>
  isDoubtful(trust) ? `compare first with: qpq verify ${peer.split(" ")[0] ?? ""}` : `accept with: qpq dm ${peer}`

/** Whose conversation cannot be accepted before the person has decided about their key. */
export const isDoubtful = (trust: TrustView | undefined): boolean =>
  trust !== undefined && (trust.changed || trust.mismatched)

const trustFields = (trust: TrustView | undefined): object => ({
  verified: trust?.verified === true,
  ...(trust?.changed === true && { changed: true }),
  ...(trust?.mismatched === true && { mismatch: true }),
  ...(trust?.blocked === true && { blocked: true }),
})

function trustText(trust: TrustView | undefined): string {
  if (trust?.blocked === true) return " blocked"
  if (trust?.mismatched === true) return " number does not match"
  if (trust?.changed === true) return " key changed"
  return trust?.verified === true ? " verified" : ""
}

/** One line, whatever the message holds. */
function saidText({ kind, id, author, body, about }: AnnotationView): string {
  const start = id.slice(0, 8)
  if (kind === "deletion") return `deleted ${start}`
  if (kind === "edit") return `edited ${start}: ${cleanLine(body)}`
  const given = body === "" ? "took the reaction back" : `reacted ${cleanLine(body)}`
  return `${given} to ${start} by ${author}: ${cleanLine(about)}`
}

function shownText({ kind, id, text, edited, deleted, attachment }: TimelineView): string {
  if (kind === "unknown") return "(needs a newer version)"
  if (deleted) return "(deleted)"
  if (attachment) return `[file] ${cleanLine(attachment.name)}, ${sizeText(attachment.size)}, ${id.slice(0, 8)}`
  return `${cleanText(text)}${edited ? " (edited)" : ""}`
}
