/** How a client store finds lines: by what they say, by when they were said, and the first that was not read. */
import type { GroupId } from "../domain/ids.ts"
import type { TimelineRow } from "./client-store.ts"

export interface SearchPage {
  /** Words and "phrases" (core/domain/search-words.ts); nothing in it is a command. */
  readonly query: string
  /** Without it all groups, but for those that were not accepted. */
  readonly groupId?: GroupId
  /** Only lines before this place. */
  readonly before?: number
  /** At most TIMELINE_LIMIT_MAX. */
  readonly limit: number
}

export interface SearchReads {
  /** Texts that hold all that is looked for, the newest first. */
  search(page: SearchPage): readonly TimelineRow[]
  /** Place of the first line of a group that is shown with this time or a later one. */
  lineAt(id: GroupId, at: number): number | undefined
  /** Place of the first message from others that the person has not seen. */
  firstUnread(id: GroupId): number | undefined
}
