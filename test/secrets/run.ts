/** `npm run secrets`: after a whole journey no secret stands anywhere that it should not; see docs/TESTING.md. */
import { readdirSync } from "node:fs"
import { programme } from "../rough/programme.ts"
import { formsOf, hitsIn, shownIn } from "./canary.ts"
import type { Canary, Place } from "./canary.ts"
import { CANARIES, journey, people, tlsKey } from "./journey.ts"
import { keysOf, opaqueSetup } from "./known-keys.ts"
import { Scene } from "./scene.ts"

const MINUTES_MAX = 10
const MEBIBYTE = 1_048_576
/** On the disk of the server, and where a person asked for it. */
const MUST_BE_SHOWN = ["OPAQUE setup", "key of the server's certificate", "first text", "group"]

await programme(
  { name: "secrets", flags: { seed: 1, small: false, plant: "" }, minutesMax: MINUTES_MAX },
  async (run) => {
    const scene = new Scene(run.folder)
    run.onEnd(() => scene[Symbol.asyncDispose]())
    const tokens = await journey({ scene, say: run.say, isSmall: run.flags.small })
    const places = [...scene.places, ...planted(run.flags.plant)]
    run.say("the keys are read out, and everything is searched")
    const canaries: Canary[] = [...Object.values(CANARIES), ...tokens, tlsKey(scene), opaqueSetup(scene)]
    for (const who of people(run.flags.small)) canaries.push(...(await keysOf(scene, who)))
    for (const { canary, place } of hitsIn(places, canaries)) run.miss(`${canary} stands in ${place}`)
    const shown = new Set(shownIn(places, canaries).map(({ canary }) => canary))
    for (const name of MUST_BE_SHOWN) if (!shown.has(name)) run.miss(`the search does not find ${name} where it is`)
    for (const name of coreDumps(run.folder)) run.miss(`core dump ${name}`)
    const bytes = places.reduce((sum, place) => sum + place.bytes.length, 0)
    run.figure("canaries", `${canaries.length}, each in ${formsOf(CANARIES.text).length} forms at most`)
    run.figure("places", `${places.length}: ${kindsOf(places)}`)
    run.figure("bytes", `${(bytes / MEBIBYTE).toFixed(1)} MiB`)
    run.figure("found where they may be", `${shown.size} canaries`)
    run.figure("processes", String(scene.watch.processes))
  },
)

/** A control: a line in a log that must be found. */
function planted(what: string): readonly Place[] {
  const canary = Object.entries(CANARIES).find(([name]) => name === what)?.[1]
  if (!canary) return []
  return [{ name: "planted.log", kind: "log", bytes: Buffer.from(`{"note":"${canary.bytes.toString("base64")}"}`) }]
}

function kindsOf(places: readonly Place[]): string {
  const counts = new Map<string, number>()
  for (const { kind } of places) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${kind} ${count}`).join(", ")
}

/** Where the programs ran. */
function coreDumps(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /(^|\/)core(\.\d+)?$/.test(name))
}
