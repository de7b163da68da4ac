/** qpq chat: one group, line by line. What others say is printed as it comes; what is typed is sent. */
import type { Client, GroupView } from "../../../core/client/client-api.ts"
import type { CommandContext, Run } from "../command.ts"
import { findGroup } from "./find-group.ts"

const SHOWN_AT_FIRST = 20
const SYNC_MS = 5000

export const chat: Run = async (context, [name = ""]) => {
  const client = await context.client()
  const group = await findGroup(client, name, ["active"])
  const stop = new AbortController()
  const until = AbortSignal.any([context.signal, stop.signal])
  for (const row of await client.timeline({ groupId: group.groupId, limit: SHOWN_AT_FIRST })) {
    if (row.change) context.out.change(row.change)
    else context.out.message(row)
  }
  const shown = show(context, client, group, until)
  await client.follow()
  if (context.terminal.interactive) context.out.note(`-- ${group.name}: type a line to send it, ctrl+d to leave --`)
  for await (const line of context.terminal.lines(until)) {
    if (line.trim() !== "") await client.send(group.groupId, line)
  }
  await sendRest(context, client)
  stop.abort()
  await shown
}

async function show({ out }: CommandContext, client: Client, group: GroupView, until: AbortSignal): Promise<void> {
  for await (const event of client.events(until)) {
    if (event.kind === "trouble") out.note(`qpq: ${event.code} ${event.message}`)
    if (event.kind !== "timeline" || event.row.groupId !== group.groupId || event.row.own) continue
    if (event.row.change) out.change(event.row.change)
    else out.message(event.row)
  }
}

/** What was typed last goes out before the command ends, or stays queued. */
async function sendRest({ out, config }: CommandContext, client: Client): Promise<void> {
  if ((await client.queued()) === 0) return
  await client.sync(config.timeoutMs ?? SYNC_MS).catch(() => undefined)
  const queued = await client.queued()
  if (queued > 0) out.note(`${queued} messages are queued: they are sent with the next command that goes online`)
}
