/** `npm run store-model`: the stores on SQLite against those in memory, as often as is wanted; see docs/TESTING.md. */
import { parseArgs } from "node:util"
import { clientStoresAgree } from "./client-model.ts"
import { nodeStoresAgree } from "./node-model.ts"

const { values } = parseArgs({ options: { runs: { type: "string", default: "500" }, seed: { type: "string" } } })
const runs = Number(values.runs)
const seed = values.seed === undefined ? undefined : Number(values.seed)

clientStoresAgree(runs, seed)
console.log(`client store: ${runs} runs agree`)
await nodeStoresAgree(runs, seed)
console.log(`server store: ${runs} runs agree`)
