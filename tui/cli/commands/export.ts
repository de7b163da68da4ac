/** qpq export: the whole conversation as JSON lines. */
import { cleanLine } from "../../../core/domain/safe-text.ts"
import { countText, exportToFile, pagesOf } from "../../conversation-export.ts"
import type { Run } from "../command.ts"
import { findGroup } from "./find-group.ts"

export const exportGroup: Run = async (context, [name = "", path = ""]) => {
  const { out, signal } = context
  const client = await context.client()
  const { groupId, name: title } = await findGroup(client, name, ["active", "removed", "left"])
  if (path === "-") {
    for await (const page of pagesOf({ client, groupId, signal })) for (const line of page) out.raw(line)
    return
  }
  const written = await exportToFile({ client, groupId, name: title, path, signal })
  out.done(`${countText(written.lines)} written to ${cleanLine(written.path)}`)
}
