/** qpq send, history: saying something, and what was said. */
import { QpqError } from "../../../core/domain/errors.ts"
import type { GroupView, LineName, TimelineView } from "../../../core/client/client-api.ts"
import type { CommandContext, Run } from "../command.ts"
import { lineOf } from "../../line-name.ts"
import { sayFile } from "./files.ts"
import { areVerified, deliveryOf, goOnline } from "./going-out.ts"
import { findGroup } from "./find-group.ts"

const HISTORY_LIMIT = 100
const HISTORY_LIMIT_MAX = 100_000
const PAGE = 500

export const send: Run = async (context, [name = "", text], { reply, file }) => {
  if (text === undefined && file === undefined) throw new QpqError("E070", "give a TEXT, or --file PATH")
  if (reply !== undefined && file !== undefined) throw new QpqError("E070", "--reply and --file do not go together")
  const client = await context.client()
  const group = await findGroup(client, name, ["active"])
  if (file !== undefined) {
    const replyTo = await sayFile(context, group, String(file))
    if (text !== undefined) await say(context, group, { text, replyTo })
    return
  }
  const answered = reply === undefined ? undefined : await client.find(group.groupId, String(reply))
  await say(context, group, { text: text ?? "", replyTo: answered && lineOf(answered) })
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
  const delivery = await deliveryOf(client, group.groupId, id)
  if (delivery === "failed") throw new QpqError("E041", "not delivered to everybody")
  const verified = await areVerified(context, group)
  out.sent(group.name, id, { state: delivery === "stored" ? "stored" : "queued", verified })
}

/** The argument, or with - what standard input holds. */
export const textFrom = async ({ terminal }: CommandContext, text: string): Promise<string> =>
  text === "-" ? (await terminal.readAll()).replace(/\n$/, "") : text

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
