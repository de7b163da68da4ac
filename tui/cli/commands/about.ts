/** qpq react, edit, delete: what is said about a message. */
import type { GroupView, LineName } from "../../../core/client/client-api.ts"
import type { CommandContext, Run } from "../command.ts"
import { findGroup } from "./find-group.ts"
import { lineOf } from "../../line-name.ts"
import { areVerified, goOnline } from "./going-out.ts"
import { textFrom } from "./messages.ts"

export const react: Run = async (context, [name = "", id = "", emoji = ""]) => {
  const { group, line } = await found(context, name, id)
  await (await context.client()).react(line, emoji)
  await saySent(context, group, line)
}

export const edit: Run = async (context, [name = "", id = "", text = ""]) => {
  const { group, line } = await found(context, name, id)
  await (await context.client()).edit(line, await textFrom(context, text))
  await saySent(context, group, line)
}

export const deleteMessage: Run = async (context, [name = "", id = ""]) => {
  const { group, line } = await found(context, name, id)
  await (await context.client()).delete(line)
  await saySent(context, group, line)
}

interface Found {
  readonly group: GroupView
  readonly line: LineName
}

async function found(context: CommandContext, name: string, id: string): Promise<Found> {
  const client = await context.client()
  const group = await findGroup(client, name, ["active"])
  return { group, line: lineOf(await client.find(group.groupId, id)) }
}

async function saySent(context: CommandContext, group: GroupView, { id }: LineName): Promise<void> {
  await goOnline(context)
  const state = (await (await context.client()).queued()) === 0 ? "stored" : "queued"
  context.out.sent(group.name, id, { state, verified: await areVerified(context, group) })
}
