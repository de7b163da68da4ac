/** Runs the MLS working group's vectors: `npx tsx test/vectors/run-mls-vectors.ts [DIR]`, or DIR in MLS_VECTORS. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { checkCryptoBasics, checkPskSecret, checkSecretTree } from "./mls/crypto-basics.ts"
import { checkKeySchedule } from "./mls/key-schedule.ts"
import { checkDeserialization, checkMessages } from "./mls/messages.ts"
import { checkPassiveClient } from "./mls/passive-client.ts"
import { checkTreeMath, checkTreeOperation, checkTreeValidation } from "./mls/trees.ts"
import type { Check } from "./mls/vector.ts"

/** The files' entries have the shapes that the checks name; a file of another shape fails its check. */
const CHECKS: Readonly<Record<string, Check<never>>> = {
  "crypto-basics": checkCryptoBasics,
  deserialization: checkDeserialization,
  "key-schedule": checkKeySchedule,
  messages: checkMessages,
  "passive-client-handling-commit": checkPassiveClient,
  "passive-client-random": checkPassiveClient,
  "passive-client-welcome": checkPassiveClient,
  psk_secret: checkPskSecret,
  "secret-tree": checkSecretTree,
  "tree-math": checkTreeMath,
  "tree-operations": checkTreeOperation,
  "tree-validation": checkTreeValidation,
}

const SUITE = 1
const folder = [process.argv[2], process.env["MLS_VECTORS"], "../shared/vectors/mls"].find(
  (one) => one !== undefined && existsSync(one),
)

async function runFile(path: string, check: Check<never>): Promise<{ passed: number; failed: number }> {
  const entries = JSON.parse(readFileSync(path, "utf8")) as readonly { readonly cipher_suite?: number }[]
  const counts = { passed: 0, failed: 0 }
  for (const [index, entry] of entries.entries()) {
    if (entry.cipher_suite !== undefined && entry.cipher_suite !== SUITE) continue
    try {
      await check(entry as never)
      counts.passed++
    } catch (failure) {
      counts.failed++
      console.log(`  ${path} [${index}]: ${failure instanceof Error ? failure.message : String(failure)}`)
    }
  }
  return counts
}

const total = { passed: 0, failed: 0 }
if (folder === undefined) {
  console.log("No folder of MLS vectors found: give one as argument or in MLS_VECTORS. Nothing was checked.")
} else {
  for (const [name, check] of Object.entries(CHECKS)) {
    const path = join(folder, `${name}.json`)
    if (!existsSync(path)) {
      console.log(`${name}: no such file`)
      continue
    }
    const { passed, failed } = await runFile(path, check)
    console.log(`${name}: ${passed} passed, ${failed} failed`)
    total.passed += passed
    total.failed += failed
  }
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0
