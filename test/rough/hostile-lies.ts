/** Lies that a server can tell: about the mail of somebody, and about the people that somebody asks for. */
import { firstRecord, newKeys } from "../../core/client/identity.ts"
import type { AccountRecord } from "../../core/contract/account-record.ts"
import type { Envelope, FetchAnswer } from "../../core/contract/node-service.ts"
import { verifyAccountRecord } from "../../core/crypto/account-proof.ts"
import { encodeDeviceList } from "../../core/crypto/device-list.ts"
import { userName } from "../../core/domain/user-name.ts"
import type { Person } from "../fakes/person.ts"
import { flipped } from "../fakes/refusal.ts"
import type { SeededRandom } from "../fakes/world.ts"

type Rows = readonly Envelope[]

/** How an answer with mail is changed. @param earlier what was given before, to be given again. */
type MailLie = (rows: Rows, earlier: Rows, dice: SeededRandom) => Rows

const pick = <T>(list: readonly T[], dice: SeededRandom): T | undefined => list[below(list.length, dice)]

const below = (count: number, dice: SeededRandom): number =>
  count === 0 ? 0 : Buffer.from(dice.bytes(4)).readUInt32BE() % count

const damagedRow = (row: Envelope, dice: SeededRandom): Envelope =>
  row.payload.length === 0 ? row : { ...row, payload: flipped(row.payload, below(row.payload.length, dice)) }

export const MAIL_LIES: Readonly<Record<string, MailLie>> = {
  reordered: (rows) => rows.toReversed(),
  "given twice": (rows) => [...rows, ...rows],
  "of yesterday": (rows, earlier) => [...earlier, ...rows, ...earlier],
  "one held back": (rows, _, dice) => {
    const left = below(Math.max(1, rows.length - 1), dice)
    return rows.length < 2 ? rows : rows.filter((_row, at) => at !== left)
  },
  damaged: (rows, _, dice) => rows.map((row, at) => (at === 0 ? damagedRow(row, dice) : row)),
  "in another's place": (rows, earlier, dice) =>
    rows.map((row) => ({ ...row, payload: pick([...earlier, ...rows], dice)?.payload ?? row.payload })),
  "under another id": (rows, _, dice) => rows.map((row) => ({ ...row, id: flipped(row.id, below(16, dice)) as never })),
  "as a commit": (rows, earlier) => {
    const commit = earlier.find((row) => row.commit)?.commit
    return rows.map((row) => (commit ? { ...row, commit } : row))
  },
}

export const lyingFetch =
  (lie: MailLie, earlier: Rows, dice: SeededRandom) =>
  async (ask: (...args: never[]) => Promise<FetchAnswer>, ...args: never[]): Promise<FetchAnswer> => {
    const answer = await ask(...args)
    const envelopes = answer.envelopes.length === 0 ? [] : lie(answer.envelopes, earlier, dice)
    return { ...answer, envelopes: [...envelopes] }
  }

/** Set on somebody who is about to invite; removed by whoever told the lie. */
type DirectoryLie = (victim: Person, operator: Person, old: AccountRecord) => void

async function ghostly(record: AccountRecord): Promise<AccountRecord> {
  const ghost = newKeys()
  const list = verifyAccountRecord(record)
  const devices = [...list.devices, ghost.deviceKey]
  const deviceList = encodeDeviceList({ ...list, counter: list.counter + 1n, devices })
  return { ...record, deviceList, certificates: [...record.certificates, ghost.certificate] }
}

export const DIRECTORY_LIES: Readonly<Record<string, { readonly tell: DirectoryLie; readonly refused: string }>> = {
  "another's KeyPackage": {
    tell: (victim, operator) => {
      victim.tampering.fetchKeyPackage = (ask, _device, suite) => ask(operator.me.deviceKey, suite)
    },
    refused: "E011",
  },
  "another's hybrid key": {
    tell: (victim, operator) => {
      victim.tampering.fetchHybridKeys = async (ask, devices) => {
        const [own] = await ask([operator.me.deviceKey])
        return devices.map((deviceKey) => ({ ...own!, deviceKey }))
      }
    },
    refused: "E013",
  },
  "a device of the operator's": {
    tell: (victim) => {
      victim.tampering.resolveUser = async (ask, name) => ghostly(await ask(name))
    },
    refused: "E017",
  },
  "an older list of devices": {
    tell: (victim, _operator, old) => {
      victim.tampering.resolveUser = async () => old
    },
    refused: "E017",
  },
  "another account's record": {
    tell: (victim) => {
      victim.tampering.resolveUser = (ask) => ask(userName("mallory"))
    },
    refused: "E017",
  },
  "another key for the name": {
    tell: (victim) => {
      victim.tampering.resolveUser = async (_ask, name) => firstRecord({ ...newKeys(), name }, Date.now())
    },
    refused: "E018",
  },
  "a damaged signature": {
    tell: (victim) => {
      victim.tampering.resolveUser = async (ask, name) => {
        const record = await ask(name)
        return { ...record, deviceListSignature: flipped(record.deviceListSignature, 3) }
      }
    },
    refused: "E017",
  },
}
