/** qpq groups, create-group, invite, remove, update, leave, join, members: groups and who is in them. */
import type { Client, GroupView } from "../../../core/client/client-api.ts"
import { QpqError, toQpqError } from "../../../core/domain/errors.ts"
import { SUITES } from "../../../core/domain/suite.ts"
import type { Suite } from "../../../core/domain/suite.ts"
import type { CommandContext, Run } from "../command.ts"
import { isDoubtful } from "../out.ts"
import { findGroup } from "./find-group.ts"

const SYNC_MS = 10_000

export const groups: Run = async (context) => {
  const client = await context.client()
  for (const group of await client.groups()) {
    if (group.status === "hidden") context.out.invitation(group)
    else if (group.status !== "left") context.out.group(group)
  }
}

export const createGroup: Run = async (context, [name = ""], options) => {
  const suite = suiteFrom(options["suite"])
  context.out.group(await (await context.client()).createGroup(name, suite))
}

export const invite: Run = async (context, [name = "", ...users]) => {
  const client = await context.client()
  const group = await findGroup(client, name, ["active"])
  context.out.change(await client.invite(group.groupId, users))
}

export const remove: Run = async (context, [name = "", user = ""]) => {
  const client = await context.client()
  const group = await findGroup(client, name, ["active"])
  context.out.change(await client.remove(group.groupId, user))
}

export const update: Run = async (context, [name = ""]) => {
  const client = await context.client()
  const group = await findGroup(client, name, ["active"])
  context.out.change(await client.update(group.groupId))
}

export const leave: Run = async (context, [name = ""]) => {
  const client = await context.client()
  await leaveAs(context, client, await findGroup(client, name, ["active"]), "left")
}

export const join: Run = async (context, [name], options) => {
  const client = await context.client()
  if (options["decline"] === true) {
    await client.sync(context.config.timeoutMs ?? SYNC_MS)
    return leaveAs(context, client, await findGroup(client, name ?? "", ["hidden"]), "declined")
  }
  await client.sync(context.config.timeoutMs ?? SYNC_MS)
  const waiting = name === undefined ? await invitations(client) : [await findGroup(client, name, ["hidden"])]
  // One that is in doubt holds back no others; asked for by its name, it is refused with the reason.
  const isLater = ({ peerTrust }: GroupView): boolean => name === undefined && isDoubtful(peerTrust)
  for (const group of waiting) {
    if (isLater(group)) context.out.invitation(group)
    else context.out.group(await client.accept(group.groupId))
  }
  if (waiting.length === 0) context.out.done("no invitations wait")
  else await client.sync(context.config.timeoutMs ?? SYNC_MS)
}

export const members: Run = async (context, [name = ""]) => {
  const client = await context.client()
  const group = await findGroup(client, name)
  for (const member of await client.members(group.groupId)) context.out.member(group.name, member)
}

/** Gone at once here; what the others are told goes out now or, without a server, later. */
async function leaveAs({ out, config }: CommandContext, client: Client, group: GroupView, did: string): Promise<void> {
  await client.leave(group.groupId)
  await client.sync(config.timeoutMs ?? SYNC_MS).catch((thrown: unknown) => {
    if (!toQpqError(thrown).retryable) throw thrown
  })
  out.done(`${did} ${group.name}`)
}

const invitations = async (client: Client) => (await client.groups()).filter((group) => group.status === "hidden")

/** @throws E071 */
export function suiteFrom(text: string | boolean | undefined): Suite {
  const suite = SUITES.find((known) => known === (text ?? "hybrid"))
  if (!suite) throw new QpqError("E071", `--suite is ${SUITES.join(" or ")}`)
  return suite
}
