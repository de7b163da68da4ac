/** qpq search: what was said, in one group or in all. */
import type { Client, TimelineView } from "../../../core/client/client-api.ts"
import { hasCode, QpqError } from "../../../core/domain/errors.ts"
import type { Run } from "../command.ts"
import { findGroup } from "./find-group.ts"
import { limitFrom } from "./messages.ts"

/** Lines of one answer of the core. */
const PAGE = 500

export const search: Run = async (context, words, options) => {
  const client = await context.client()
  const limit = limitFrom(options["limit"])
  const { group, before } = options
  const named = typeof group === "string" ? await findGroup(client, group, ["active", "removed", "left"]) : undefined
  const at = named ? { groupId: named.groupId } : {}
  let edge = typeof before === "string" ? await placeOf(client, before, named?.groupId) : undefined
  const rows: TimelineView[] = []
  while (rows.length < limit) {
    const wanted = Math.min(PAGE, limit - rows.length)
    const page = await client.search({
      ...{ query: words.join(" "), ...at, limit: wanted },
      ...(edge !== undefined && { before: edge }),
    })
    rows.push(...page)
    edge = page.at(-1)?.place
    if (page.length < wanted) break
  }
  for (const row of rows.toReversed()) context.out.message(row)
  if (rows.length === 0) context.out.note("nothing found")
}

/** Of the message whose id begins so, in one group or in any. @throws E079 */
async function placeOf(client: Client, id: string, groupId: string | undefined): Promise<number> {
  const groups = groupId === undefined ? (await client.groups()).map((group) => group.groupId) : [groupId]
  for (const at of groups) {
    try {
      return (await client.find(at, id)).place
    } catch (thrown) {
      if (!hasCode(thrown, "E079")) throw thrown
    }
  }
  throw new QpqError("E079", id)
}
