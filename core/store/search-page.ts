/** What is looked for in a client store. */
import type { GroupId } from "../domain/ids.ts"

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
