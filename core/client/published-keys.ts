/** Whether somebody can be invited now: what is published of their devices. A hint that consumes nothing. */
import type { NodeService, PublishedKeyPackages } from "../contract/node-service.ts"
import { hasCode } from "../domain/errors.ts"
import type { DeviceKey } from "../domain/ids.ts"
import { HOUR_MS } from "../domain/limits.ts"
import type { Suite } from "../domain/suite.ts"

/** none: cannot be added before they come online. lastResort: the spare one alone, which serves many. */
export type PublishedView =
  | { readonly kind: "none" }
  | { readonly kind: "lastResort" }
  /** Of the newest, in full hours: when they were online last, at least. */
  | { readonly kind: "single"; readonly ageHours: number }

export type PublishedViews = Readonly<Record<Suite, PublishedView>>

/** KeyPackages that are given once last so long. */
const LIFETIME_HOURS = 24
const DEVICES_ASKED_MAX = 4

/** Of the device that stands worst: all of them are added. undefined: the server does not say, or not now. */
export async function publishedKeys(
  node: NodeService,
  devices: readonly DeviceKey[],
  now: number,
): Promise<PublishedViews | undefined> {
  try {
    const answers = await Promise.all(
      devices.slice(0, DEVICES_ASKED_MAX).map((device) => node.keyPackageSupply(device)),
    )
    return { baseline: worst(answers, "baseline", now), hybrid: worst(answers, "hybrid", now) }
  } catch (thrown) {
    // An older server does not know the question; one that was asked too often says nothing.
    if (hasCode(thrown, "E026", "E050", "E052", "E058")) return undefined
    throw thrown
  }
}

function worst(answers: readonly PublishedKeyPackages[], suite: Suite, now: number): PublishedView {
  let ageHours = 0
  let kind: "lastResort" | "single" = "single"
  for (const { [suite]: published } of answers) {
    if (published.kind === "none") return { kind: "none" }
    if (published.kind === "lastResort") kind = "lastResort"
    else ageHours = Math.max(ageHours, Math.floor(LIFETIME_HOURS - (published.until - now) / HOUR_MS))
  }
  if (answers.length === 0) return { kind: "none" }
  return kind === "single" ? { kind, ageHours } : { kind }
}
