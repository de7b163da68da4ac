/** Our two suites under the names that ts-mls wants; the wire ids are checked when this file loads. */
import type { CiphersuiteName } from "ts-mls"
import { encodeCiphersuite } from "ts-mls/crypto/ciphersuite.js"
import { QpqError } from "../domain/errors.ts"
import { SUITE_IDS, SUITES } from "../domain/suite.ts"
import type { Suite } from "../domain/suite.ts"

/** ts-mls writes a decimal name as that number: its table has no 0xF103, and its own X-Wing suites are other ones. */
const NAMES: Readonly<Record<Suite, CiphersuiteName>> = {
  baseline: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
  hybrid: String(SUITE_IDS.hybrid) as CiphersuiteName,
}

export const nameOfSuite = (suite: Suite): CiphersuiteName => NAMES[suite]

/** The suite that a decoded name stands for. @throws E021 when it is not one of ours. */
export function suiteOfName(name: CiphersuiteName): Suite {
  const suite = SUITES.find((one) => NAMES[one] === name)
  if (suite === undefined) throw new QpqError("E021", name)
  return suite
}

/** The id that ts-mls writes: a name it cannot place it writes as 0, in silence. */
const wireId = (name: CiphersuiteName): number => Buffer.from(encodeCiphersuite(name)).readUInt16BE()

for (const suite of SUITES)
  if (wireId(NAMES[suite]) !== SUITE_IDS[suite]) throw new QpqError("E099", `wire id of suite ${suite}`)
