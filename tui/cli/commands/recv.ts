/** qpq recv: messages from others since this profile's last recv, now, after a while, or without end. */
import { spawn } from "node:child_process"
import type { Client, TimelineView } from "../../../core/client/client-api.ts"
import { abortedAfter } from "../../../core/domain/deadline.ts"
import { toQpqError } from "../../../core/domain/errors.ts"
import type { QpqError } from "../../../core/domain/errors.ts"
import { secondsToMs } from "../../config.ts"
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
  const reader = { context, client, only, exec: stringOf(options["exec"]) }
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

/** Prints, then moves the cursor: after a crash in between a message is printed again, never lost. */
async function printNew(reader: Reader): Promise<number> {
  const { context, client, exec } = reader
  let count = 0
  for (const row of await newRows(reader)) {
    if (!row.own && (row.kind === "text" || row.kind === "unknown")) {
      if (exec === undefined) context.out.message(row)
      else await run(exec, row, context)
      count++
    }
    await client.moveRecvCursor(row.groupId, row.place)
  }
  return count
}

/** Of all groups that were accepted, each behind its own cursor, in the order they were stored. */
async function newRows({ client, only }: Reader): Promise<readonly TimelineView[]> {
  const rows: TimelineView[] = []
  for (const { groupId, status } of await client.groups()) {
    if (status === "hidden" || (only !== undefined && only !== groupId)) continue
    for (let after = await client.recvCursor(groupId); ;) {
      const page = await client.timeline({ groupId, after, limit: PAGE })
      rows.push(...page)
      after = page.at(-1)?.place ?? after
      if (page.length < PAGE) break
    }
  }
  return rows.sort((a, b) => a.place - b.place)
}

/** The command gets the message as JSON on standard input, and nothing of ours in its environment. */
async function run(command: string, row: TimelineView, { env }: CommandContext): Promise<void> {
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("QPQ_PASS")))
  const child = spawn(command, { shell: true, stdio: ["pipe", "inherit", "inherit"], env: clean })
  const { group, groupId, id, sender, text, epoch, verified, attachment } = row
  const sentAt = new Date(row.sentAt).toISOString()
  const json = { type: "message", group, groupId, id, sender, text, sentAt, epoch, verified, attachment }
  child.stdin.on("error", () => undefined)
  child.stdin.end(`${JSON.stringify(json)}\n`)
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
