/** qpq recv: messages from others, and what they said about messages, since this profile's last recv. */
import { spawn } from "node:child_process"
import type { Client, TimelineView } from "../../../core/client/client-api.ts"
import type { AnnotationView } from "../../../core/client/recv-api.ts"
import { abortedAfter } from "../../../core/domain/deadline.ts"
import { toQpqError } from "../../../core/domain/errors.ts"
import type { QpqError } from "../../../core/domain/errors.ts"
import { secondsToMs } from "../../config.ts"
import { annotationLine } from "../../json-lines.ts"
import type { JsonLine } from "../../json-lines.ts"
import type { CommandContext, Run } from "../command.ts"
import { findGroup } from "./find-group.ts"

const SYNC_MS = 10_000
const PAGE = 500

export const recv: Run = async (context, _args, options) => {
  const client = await context.client()
  const name = stringOf(options["group"])
  const only = name === undefined ? undefined : (await findGroup(client, name)).groupId
  const waitMs = typeof options["wait"] === "string" ? secondsToMs(options["wait"], "--wait") : 0
  const follow = options["follow"] === true
  const offline = await syncOnce(context, client)
  const reader = { context, client, only, exec: stringOf(options["exec"]), edits: options["edits"] === true }
  const printed = await printNew(reader)
  if (offline && printed === 0 && !follow) throw offline
  if (!follow && (printed > 0 || waitMs === 0)) return
  const stop = follow ? context.signal : AbortSignal.any([context.signal, abortedAfter(context.world, waitMs)])
  await watch(reader, stop, follow)
}

interface Reader {
  readonly context: CommandContext
  readonly client: Client
  /** Only this group. */
  readonly only: string | undefined
  readonly exec: string | undefined
  /** What is said about messages is printed too. */
  readonly edits: boolean
}

/** Prints as rows come, until the signal; without `follow` the first batch is enough. */
async function watch(reader: Reader, stop: AbortSignal, follow: boolean): Promise<void> {
  const { client, context } = reader
  const events = client.events(stop)
  await client.follow()
  if ((await printNew(reader)) > 0 && !follow) return
  for await (const event of events) {
    if (event.kind === "trouble") context.out.note(`qpq: ${event.code} ${event.message}`)
    if (event.kind !== "timeline" && event.kind !== "lagged" && event.kind !== "caughtUp") continue
    if ((await printNew(reader)) > 0 && !follow) return
  }
}

/** @returns why the server could not be asked; what is already here is printed all the same. */
async function syncOnce(context: CommandContext, client: Client): Promise<QpqError | undefined> {
  const done = new AbortController()
  const notes = notedTrouble(context, client, done.signal)
  try {
    await client.sync(context.config.timeoutMs ?? SYNC_MS)
    return undefined
  } catch (thrown) {
    const error = toQpqError(thrown)
    if (!error.retryable) throw error
    return error
  } finally {
    done.abort()
    await notes
  }
}

async function notedTrouble({ out }: CommandContext, client: Client, signal: AbortSignal): Promise<void> {
  for await (const event of client.events(signal)) {
    if (event.kind === "trouble") out.note(`qpq: ${event.code} ${event.message}`)
  }
}

/** What is said about messages is read before them and printed after them: no message comes later than an edit of it. */
async function printNew(reader: Reader): Promise<number> {
  const said = reader.edits ? await newAnnotations(reader) : []
  return (await printMessages(reader)) + (await printAnnotations(reader, said))
}

/** Prints, then moves the cursor: after a crash in between a message is printed again, never lost. */
async function printMessages(reader: Reader): Promise<number> {
  const { context, client, exec } = reader
  let count = 0
  for (const row of await newRows(reader)) {
    if (!row.own && (row.kind === "text" || row.kind === "unknown")) {
      if (exec === undefined) context.out.message(row)
      else await run(exec, execLine(row), context)
      count++
    }
    await client.moveRecvCursor(row.groupId, row.place)
  }
  return count
}

async function printAnnotations({ context, client, exec }: Reader, said: readonly Told[]): Promise<number> {
  let count = 0
  for (const { groupId, upTo, row } of said) {
    if (row) {
      if (exec === undefined) context.out.annotation(row)
      else await run(exec, annotationLine(row), context)
      count++
    }
    await client.moveAnnotationCursor(groupId, upTo)
  }
  return count
}

/** Those that were accepted. */
async function groupsOf({ client, only }: Reader): Promise<readonly string[]> {
  const groups = (await client.groups()).filter(({ status }) => status !== "hidden")
  return groups.map(({ groupId }) => groupId).filter((id) => only === undefined || only === id)
}

/** Up to there all of a group was printed, with this at last, if it is to be printed. */
interface Told {
  readonly groupId: string
  readonly upTo: number
  readonly row?: AnnotationView
}

/** Of all groups, each behind its own cursor, in the order they came. */
async function newAnnotations(reader: Reader): Promise<readonly Told[]> {
  const { client } = reader
  const all: Told[] = []
  for (const groupId of await groupsOf(reader)) {
    const told = await client.annotationCursor(groupId)
    for (let after = told, isOver = false; !isOver;) {
      const { rows, upTo, atEnd } = await client.annotations({ groupId, after, limit: PAGE })
      all.push(...rows.map((row) => ({ groupId, upTo: row.arrival, row })))
      if (upTo > (rows.at(-1)?.arrival ?? told)) all.push({ groupId, upTo })
      after = upTo
      isOver = atEnd
    }
  }
  return all.sort((a, b) => a.upTo - b.upTo)
}

/** Of all groups, each behind its own cursor, in the order they were stored. */
async function newRows(reader: Reader): Promise<readonly TimelineView[]> {
  const { client } = reader
  const rows: TimelineView[] = []
  for (const groupId of await groupsOf(reader)) {
    for (let after = await client.recvCursor(groupId); ;) {
      const page = await client.timeline({ groupId, after, limit: PAGE })
      rows.push(...page)
      after = page.at(-1)?.place ?? after
      if (page.length < PAGE) break
    }
  }
  return rows.sort((a, b) => a.place - b.place)
}

/** What a command gets of a message. */
function execLine(row: TimelineView): JsonLine {
  const { group, groupId, id, sender, text, epoch, verified, attachment } = row
  const sentAt = new Date(row.sentAt).toISOString()
  return { type: "message", group, groupId, id, sender, text, sentAt, epoch, verified, attachment }
}

/** The command gets the line on standard input, and nothing of ours in its environment. */
async function run(command: string, line: JsonLine, { env }: CommandContext): Promise<void> {
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("QPQ_PASS")))
  const child = spawn(command, { shell: true, stdio: ["pipe", "inherit", "inherit"], env: clean })
  child.stdin.on("error", () => undefined)
  child.stdin.end(`${JSON.stringify(line)}\n`)
  await new Promise<void>((resolve) => {
    child.on("close", () => {
      resolve()
    })
    child.on("error", () => {
      resolve()
    })
  })
}

const stringOf = (value: string | boolean | undefined): string | undefined =>
  typeof value === "string" ? value : undefined
