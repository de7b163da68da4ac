/** qpq send, history: saying something, and what was said. */
import { QpqError, toQpqError } from "../../../core/domain/errors.ts"
import type { GroupView, LineName, TimelineView } from "../../../core/client/client-api.ts"
import type { CommandContext, Run } from "../command.ts"
import { lineOf } from "../../line-name.ts"
import { findGroup } from "./find-group.ts"

const SEND_MS = 5000
const HISTORY_LIMIT = 100
const HISTORY_LIMIT_MAX = 100_000
const PAGE = 500

export const send: Run = async (context, [name = "", text = ""], { reply }) => {
  const client = await context.client()
  const group = await findGroup(client, name, ["active"])
  const answered = reply === undefined ? undefined : await client.find(group.groupId, String(reply))
  await say(context, group, { text, replyTo: answered && lineOf(answered) })
}

interface Saying {
  readonly text: string
  readonly replyTo?: LineName | undefined
}

/** Sends a text, or with - what standard input holds, and says what became of it. */
export async function say(context: CommandContext, group: GroupView, { text, replyTo }: Saying): Promise<void> {
  const { out } = context
  const client = await context.client()
  const id = await client.send(group.groupId, await textFrom(context, text), replyTo)
  await goOnline(context)
  const row = (await client.timeline({ groupId: group.groupId, limit: PAGE })).findLast((line) => line.id === id)
  const state = row?.delivery === "stored" ? "stored" : "queued"
  if (row?.delivery === "failed") throw new QpqError("E041", "not delivered to everybody")
  out.sent(group.name, id, { state, verified: await areVerified(context, group) })
}

/** Whether the keys of all the others in it were compared. */
export async function areVerified(context: CommandContext, { groupId }: GroupView): Promise<boolean> {
  const others = (await (await context.client()).members(groupId)).filter(({ self }) => !self)
  return others.length > 0 && others.every(({ verified }) => verified)
}

/** The argument, or with - what standard input holds. */
export const textFrom = async ({ terminal }: CommandContext, text: string): Promise<string> =>
  text === "-" ? (await terminal.readAll()).replace(/\n$/, "") : text

/** Sends what waits; what cannot be sent yet is no failure. */
export async function goOnline(context: CommandContext): Promise<void> {
  const client = await context.client()
  await client.sync(context.config.timeoutMs ?? SEND_MS).catch((thrown: unknown) => {
    const error = toQpqError(thrown)
    if (!error.retryable) throw error
    context.out.note(`not sent yet: ${error.message}`)
  })
}

export const history: Run = async (context, [name = ""], options) => {
  const client = await context.client()
  const { groupId } = await findGroup(client, name, ["active", "removed", "left"])
  const limit = limitFrom(options["limit"])
  const before = await placeOf(context, groupId, options["before"])
  const rows: TimelineView[] = []
  for (let edge = before; rows.length < limit;) {
    const page = await client.timeline({ groupId, limit: PAGE, ...(edge !== undefined && { before: edge }) })
    rows.unshift(...page.filter((row) => row.kind === "text" || row.kind === "unknown"))
    edge = page[0]?.place
    if (page.length < PAGE) break
  }
  for (const row of rows.slice(-limit)) context.out.message(row)
}

/** @throws E071 for what is no number of messages. */
export function limitFrom(text: string | boolean | undefined): number {
  if (text === undefined) return HISTORY_LIMIT
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > HISTORY_LIMIT_MAX) {
    throw new QpqError("E071", `--limit is a whole number from 1 to ${HISTORY_LIMIT_MAX}`)
  }
  return limit
}

/** The place of a message id of 32 hex digits. @throws E071 when the group has no such message. */
async function placeOf(
  context: CommandContext,
  groupId: string,
  id: string | boolean | undefined,
): Promise<number | undefined> {
  if (id === undefined) return undefined
  const client = await context.client()
  for (let edge: number | undefined; ;) {
    const page = await client.timeline({ groupId, limit: PAGE, ...(edge !== undefined && { before: edge }) })
    const found = page.find((row) => row.id === id)
    if (found) return found.place
    edge = page[0]?.place
    if (page.length < PAGE) throw new QpqError("E071", "--before names no message of this group")
  }
}
