/** Every group of targets by name; a process makes those that it is asked for. */
import { unhex } from "../../core/domain/bytes.ts"
import { REGRESSIONS } from "./regressions.ts"
import type { Target, TargetMaker } from "./target.ts"
import { restartDice } from "./pinned-dice.ts"

const makers: Readonly<Record<string, () => Promise<TargetMaker>>> = {
  wire: async () => (await import("./wire-targets.ts")).wireTargets,
  endpoint: async () => (await import("./endpoint-targets.ts")).endpointTargets,
  mls: async () => (await import("./mls-targets.ts")).mlsTargets,
  crypto: async () => (await import("./crypto-targets.ts")).cryptoTargets,
  opaque: async () => (await import("./opaque-targets.ts")).opaqueTargets,
  text: async () => (await import("./text-targets.ts")).textTargets,
  settings: async () => (await import("./settings-targets.ts")).settingsTargets,
  network: async () => (await import("./network-targets.ts")).networkTargets,
  control: async () => (await import("./control-targets.ts")).controlTargets,
}

/** Those of the product: the controls are asked for by name. */
export const ROOMS = Object.keys(makers).filter((room) => room !== "control")

/** @param room of the table; the randomness must be pinned. */
export async function targetsOf(room: string): Promise<readonly Target[]> {
  const maker = makers[room]
  if (!maker) throw new Error(`no such room: ${room}; there are ${Object.keys(makers).join(", ")}`)
  const make = await maker()
  restartDice()
  const targets = await make()
  return targets.map((target) => ({
    ...target,
    known: [...(target.known ?? []), ...(REGRESSIONS[target.name] ?? []).map(unhex)],
  }))
}
