/** qpq refresh-keypackage, fetch-key: KeyPackages by hand. */
import type { Run } from "../command.ts"
import { suiteFrom } from "./groups.ts"

export const refreshKeyPackage: Run = async (context) => {
  const client = await context.client()
  const { deviceKey } = await client.whoami()
  const count = await client.refreshKeyPackages()
  const line = { type: "keyPackage", fingerprint: deviceKey, suite: "hybrid", count }
  context.out.line(line, `${count} KeyPackages of the hybrid suite published`)
}

export const fetchKey: Run = async (context, [name = ""], options) => {
  const client = await context.client()
  const { fingerprint, suite, lastResort } = await client.fetchKey(name, suiteFrom(options["suite"]))
  const line = { type: "keyPackage", fingerprint, suite, count: 1, lastResort }
  context.out.line(line, `${fingerprint}  ${suite}${lastResort ? "  last resort" : ""}`)
}
