/** What a face looks for in what was said. */

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
