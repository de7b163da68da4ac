/** What a line is called towards the core. */
import type { LineName, TimelineView } from "../core/client/client-api.ts"

export const lineOf = ({ groupId, senderKey: sender, id }: TimelineView): LineName => ({ groupId, sender, id })
