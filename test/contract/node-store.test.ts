/** One suite for every server store: SQLite here, SQLite in its thread, and the model in memory. */
import { afterAll, beforeAll, describe } from "vitest"
import type { NodeStore } from "../../server/store/node-store.ts"
import { STORE_KINDS } from "../fakes/node-stores.ts"
import { accountCases } from "./node-store-accounts.ts"
import { blobCases } from "./node-store-blobs.ts"
import { channelCases } from "./node-store-channels.ts"
import { commitCases } from "./node-store-commits.ts"
import { countCases } from "./node-store-counts.ts"
import { depositCases } from "./node-store-deposits.ts"
import { keyCases } from "./node-store-keys.ts"
import { loginCases } from "./node-store-logins.ts"
import { lostMarkCases } from "./node-store-lost-marks.ts"
import { readCases } from "./node-store-reads.ts"
import { restoredCases } from "./node-store-restored.ts"
import { sweepCases } from "./node-store-sweep.ts"

describe.each(STORE_KINDS)("$name", (kind) => {
  let store: NodeStore
  beforeAll(async () => {
    store = await kind.open()
  })
  afterAll(() => store.close())
  const at = (): NodeStore => store

  describe("accounts and sessions", () => accountCases(at))
  describe("logins of an account", () => loginCases(at))
  describe("KeyPackages and hybrid keys", () => keyCases(at))
  describe("counts", () => countCases(at))
  describe("deposits", () => depositCases(at))
  describe("reads and acknowledgements", () => readCases(at))
  describe("commits", () => commitCases(at))
  describe("1:1 channels", () => channelCases(at))
  describe("encrypted files", () => blobCases(at))
  describe("lost marks", () => lostMarkCases(at))
  describe("sweep", () => sweepCases(at))
  describe("restored from a backup", () => restoredCases(kind))
})
