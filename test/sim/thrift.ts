/**
 * A smaller pool of KeyPackages: fifty of each suite at every refill would be most of what a seed costs. The client
 * makes its fifty as ever; those after the first few are copies, which are taken out again on their way to the server.
 */
import type { KeyPackageSupply, KeyPackageUpload } from "../../core/contract/node-service.ts"
import type { Suite } from "../../core/domain/suite.ts"
import type { GroupEngine, KeyPackageOrder, OwnKeyPackage } from "../../core/mls/group-engine.ts"
import type { Tamper } from "./wire.ts"

/** Of the suite that the seed's groups use, and of the other. */
const POOL = 4
const POOL_UNUSED = 1
const WHOLE_POOL = 50

export function thriftyEngine(engine: GroupEngine, used: Suite): GroupEngine {
  const bursts = new Map<Suite, { readonly now: number; readonly made: OwnKeyPackage[] }>()
  return {
    ...engine,
    async makeKeyPackage(order: KeyPackageOrder): Promise<OwnKeyPackage> {
      // Only a refill says that it is not a last resort; who asks to rejoin needs a KeyPackage of its own.
      if (order.lastResort !== false) return engine.makeKeyPackage(order)
      const burst = bursts.get(order.suite)
      const current = burst?.now === order.now ? burst : { now: order.now, made: [] }
      bursts.set(order.suite, current)
      if (current.made.length >= poolOf(order.suite, used)) return current.made.at(-1)!
      const made = await engine.makeKeyPackage(order)
      current.made.push(made)
      return made
    },
  }
}

/** The server gets each KeyPackage once, and seems to hold ten times as many as it does. */
export const thriftyUploads =
  (used: Suite): Tamper =>
  (ask) =>
  async (method, args) => {
    if (method !== "uploadKeyPackage") return ask(method, args)
    const upload = args[0] as KeyPackageUpload
    const packages = [...new Map(upload.packages.map((one) => [Buffer.from(one).toString("latin1"), one])).values()]
    const supply = (await ask(method, [{ ...upload, packages }])) as KeyPackageSupply
    const { baselineCount, hybridCount } = supply
    const shown = (count: number, suite: Suite): number => (count * 2 > poolOf(suite, used) - 1 ? WHOLE_POOL : 0)
    return { ...supply, baselineCount: shown(baselineCount, "baseline"), hybridCount: shown(hybridCount, "hybrid") }
  }

const poolOf = (suite: Suite, used: Suite): number => (suite === used ? POOL : POOL_UNUSED)
