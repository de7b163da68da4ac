/** GROUP on the command line: a name if unambiguous, the group id, or an unambiguous prefix of it. */
import type { Client, GroupView } from "../../../core/client/client-api.ts"
import { QpqError } from "../../../core/domain/errors.ts"

const PREFIX = /^[0-9a-f]{4,64}$/

/** @param statuses which groups count; left ones only when no other fits. @throws E033 when none or several fit. */
export async function findGroup(
  client: Client,
  text: string,
  statuses: readonly GroupView["status"][] = ["active", "removed"],
): Promise<GroupView> {
  const known = (await client.groups()).filter((group) => statuses.includes(group.status))
  const isLeft = known.every(
    ({ name, groupId, status }) => status === "left" || !(name === text || groupId.startsWith(text)),
  )
  const groups = known.filter(({ status }) => isLeft || status !== "left")
  const named = groups.filter((group) => group.name === text)
  const found = named.length > 0 ? named : PREFIX.test(text) ? groups.filter((g) => g.groupId.startsWith(text)) : []
  const [only, ...others] = found
  if (!only) throw new QpqError("E033", text)
  if (others.length > 0) throw new QpqError("E033", `${text} is ambiguous: ${found.map(idOf).join(", ")}`)
  return only
}

const idOf = ({ groupId, peer }: GroupView): string => `${groupId.slice(0, 8)}${peer === undefined ? "" : " (1:1)"}`
