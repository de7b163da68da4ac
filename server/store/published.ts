/** What both stores say of published KeyPackages. */
import type { PublishedOfSuite } from "../../core/contract/node-service.ts"

/** @param single when the newest that is given once ends, @param lasting the same of the one for the last resort. */
export function publishedOf(single: number | undefined, lasting: number | undefined): PublishedOfSuite {
  if (single !== undefined) return { kind: "single", until: single }
  return lasting === undefined ? { kind: "none" } : { kind: "lastResort", until: lasting }
}
