/** qpq groups, create-group, invite, join, members: groups and who is in them. */
import type { Client } from "../../../core/client/client-api.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { SUITES } from "../../../core/domain/suite.ts"
import type { Suite } from "../../../core/domain/suite.ts"
import type { Run } from "../command.ts"
import { findGroup } from "./find-group.ts"

const SYNC_MS = 10_000

export const groups: Run = async (context) => {
  const client = await context.client()
  for (const group of await client.groups()) {
    if (group.status === "hidden") context.out.invitation(group)
    else context.out.group(group)
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

export const join: Run = async (context, [name]) => {
  const client = await context.client()
  await client.sync(context.config.timeoutMs ?? SYNC_MS)
  const waiting = name === undefined ? await invitations(client) : [await findGroup(client, name, ["hidden"])]
  for (const group of waiting) context.out.group(await client.accept(group.groupId))
  if (waiting.length === 0) context.out.done("no invitations wait")
  else await client.sync(context.config.timeoutMs ?? SYNC_MS)
}

export const members: Run = async (context, [name = ""]) => {
  const client = await context.client()
  const group = await findGroup(client, name)
  for (const member of await client.members(group.groupId)) context.out.member(group.name, member)
}

const invitations = async (client: Client) => (await client.groups()).filter((group) => group.status === "hidden")

/** @throws E071 */
export function suiteFrom(text: string | boolean | undefined): Suite {
  const suite = SUITES.find((known) => known === (text ?? "hybrid"))
  if (!suite) throw new QpqError("E071", `--suite is ${SUITES.join(" or ")}`)
  return suite
}
