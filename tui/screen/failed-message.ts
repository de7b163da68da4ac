/** A message that not everybody got, and what keys do with it. */
import type { TimelineView } from "../../core/client/client-api.ts"
import { bareKeyOf } from "./key-names.ts"
import type { KeyNames } from "./key-names.ts"

export const isFailed = ({ kind, own, deleted, delivery }: TimelineView): boolean =>
  kind === "text" && own && !deleted && delivery === "failed"

/** "enter = retry", "d = discard" */
export function failedKeys(
  keys: KeyNames,
  words: { readonly again: string; readonly discard: string; readonly between: string },
): readonly string[] {
  const ways = [
    [bareKeyOf(keys, "pane.open"), words.again],
    [bareKeyOf(keys, "message.delete"), words.discard],
  ] as const
  return ways.flatMap(([key, does]) => (key === undefined ? [] : [`${key}${words.between}${does}`]))
}

/** "enter = retry, d = discard" */
export const failedHint = (keys: KeyNames): string =>
  failedKeys(keys, { again: "retry", discard: "discard", between: " = " }).join(", ")
