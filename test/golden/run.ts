/**
 * Freezes frames that are not frozen yet: `npm run golden`. `npm run golden -- --next` begins the frames of the next schema
 * version; those of the versions before stay, and are read for ever (docs/COMPATIBILITY.md).
 */
import { parseArgs } from "node:util"
import { freeze, schemaVersions } from "./frozen.ts"

const { values } = parseArgs({ options: { next: { type: "boolean", default: false } } })
const newest = schemaVersions().at(-1) ?? 0
const version = values.next || newest === 0 ? newest + 1 : newest
const added = await freeze(version)
for (const name of added) process.stdout.write(`v${version}: ${name}\n`)
process.stdout.write(`${added.length} frames were added to v${version}\n`)
