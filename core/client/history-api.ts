/** What a face may ask of the past: what was said, when, and around what. */
import type { TimelineView } from "./client-api.ts"

export interface SearchRequest {
  /** Words and "phrases"; nothing in it is a command. At most QUERY_BYTES_MAX. */
  readonly query: string
  /** Without it all groups that the person is or was in. */
  readonly groupId?: string
  /** Only lines before this place. */
  readonly before?: number
  readonly limit: number
}

/** UTF-8. */
export const QUERY_BYTES_MAX = 1024

export interface TimelineWindow {
  /** Oldest first. */
  readonly rows: readonly TimelineView[]
  /** No older lines exist. */
  readonly complete: boolean
  /** No newer lines exist. */
  readonly atEnd: boolean
}

export interface HistoryClient {
  /** Messages that hold all that is looked for, the newest first. @throws E025 for a longer query, E033 */
  search(request: SearchRequest): Promise<readonly TimelineView[]>
  /** As many as `limit` lines before a place, and as many from it on. @throws E033 */
  linesAround(groupId: string, place: number, limit: number): Promise<TimelineWindow>
  /** Place of the first line that is shown with this time, milliseconds since the Unix epoch, or a later one. @throws E033 */
  lineAt(groupId: string, at: number): Promise<number | undefined>
  /** Place of the first message from others that was not read. @throws E033 */
  firstUnread(groupId: string): Promise<number | undefined>
}
