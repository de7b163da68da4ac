/** How texts are worded, so that one can be told from its edits. */
import type { ClientReads, TimelineName } from "../../core/store/client-store.ts"

/** What was said first, whatever it reads now. */
export const wordsOf = (text: string): string => text.split(" ~")[0] ?? ""

export const isDeleted = (store: ClientReads, line: TimelineName): boolean =>
  store.annotations(line).some(({ kind }) => kind === "delete")
