/** What really happened, as the server's store and the makers of commits saw it: who was in each epoch, what was stored for whom. */
import type { FetchAnswer } from "../../core/contract/node-service.ts"
import { hex } from "../../core/domain/bytes.ts"
import type { DeviceKey, GroupId } from "../../core/domain/ids.ts"
import type { GroupEngine } from "../../core/mls/group-engine.ts"
import type {
  CommitOutcome,
  Deposit,
  DepositAnswer,
  NodeStore,
  Read,
  StoredCommit,
} from "../../server/store/node-store.ts"
import { wrappedStore } from "./node.ts"

/** Device keys in hex. */
export interface EpochTruth {
  readonly members: readonly string[]
  /** Whom the commit that began it added, those who rejoined too. */
  readonly added: readonly string[]
  readonly since: number
}

/** One group by its tag. */
export interface GroupTruth {
  readonly tag: string
  readonly epochs: EpochTruth[]
}

/** A row for one recipient. */
export interface StoredRow {
  readonly device: string
  readonly epoch: number
  readonly at: number
}

export interface MailTruth {
  readonly tag: string
  readonly id: string
  readonly rows: StoredRow[]
  /** Rows that the server stored although it had stored one before. */
  doubled: number
  /** The epoch for which it was last taken for all its recipients. */
  done: number | undefined
}

export class Truth {
  readonly groups = new Map<string, GroupTruth>()
  /** By tag and message id. */
  readonly mail = new Map<string, MailTruth>()
  /** Devices for which a commit's row found no room, with the tag. */
  readonly lostMarks: { readonly device: string; readonly tag: string; readonly at: number }[] = []
  /** Highest position that each device acknowledged. */
  readonly acknowledged = new Map<string, bigint>()
  /** When each device was last given a row, by device and message id. */
  readonly given = new Map<string, number>()
  readonly counts = { commits: 0, lostRaces: 0, deposits: 0 }
  /** The epoch that a verifier stands for. */
  readonly #staged = new Map<string, Omit<EpochTruth, "since">>()
  readonly #tagOf: (id: GroupId) => string
  readonly #elapsed: () => number

  constructor(tagOf: (id: GroupId) => string, elapsed: () => number) {
    this.#tagOf = tagOf
    this.#elapsed = elapsed
  }

  mailOf(tag: string, id: string): MailTruth | undefined {
    return this.mail.get(`${tag}/${id}`)
  }

  /** Notes who would be in each epoch that somebody stages. */
  watchedEngine(engine: GroupEngine): GroupEngine {
    return {
      ...engine,
      create: async (id, suite, now) => {
        const group = await engine.create(id, suite, now)
        const tag = this.#tagOf(id)
        this.groups.set(tag, { tag, epochs: [{ members: namesOf(group.members), added: [], since: 0 }] })
        return group
      },
      stage: async (group, change) => {
        const staged = await engine.stage(group, change)
        this.#staged.set(hex(staged.nextVerifier), {
          members: namesOf(staged.next.members),
          added: namesOf(staged.added),
        })
        return staged
      },
    }
  }

  /** Notes what a store has really done. */
  watchedStore(store: NodeStore): NodeStore {
    return wrappedStore(store, (name, operation) => async (...args) => {
      const result = await operation(...args)
      if (name === "commit") this.#committed(args[0] as StoredCommit, result as CommitOutcome)
      if (name === "deposit") this.#deposited(args[0] as Deposit, result as DepositAnswer)
      if (name === "read") this.#read(args[0] as Read, result as FetchAnswer)
      return result
    })
  }

  #read({ deviceKey, ack }: Read, { envelopes }: FetchAnswer): void {
    const device = hex(deviceKey)
    if (ack > (this.acknowledged.get(device) ?? 0n)) this.acknowledged.set(device, ack)
    for (const { id, payload } of envelopes)
      if (payload.length > 0) this.given.set(`${device}/${hex(id)}`, this.#elapsed())
  }

  #committed(commit: StoredCommit, { accepted }: CommitOutcome): void {
    const group = this.groups.get(hex(commit.groupTag))
    if (!group) return
    if (!accepted) {
      this.counts.lostRaces++
      return
    }
    const base = Number(commit.baseEpoch)
    // The answer to a repetition.
    if (group.epochs.length > base + 1) return
    this.counts.commits++
    const next = this.#staged.get(hex(commit.nextVerifier)) ?? { members: [], added: [] }
    group.epochs.push({ ...next, since: this.#elapsed() })
  }

  #deposited(deposit: Deposit, { results }: DepositAnswer): void {
    this.counts.deposits++
    const { group } = deposit
    if (!group) return
    const tag = hex(group.tag)
    const isDone = results.every(({ code }) => code === 0)
    deposit.items.forEach((item, at) => {
      const result = results[at]
      const name = `${tag}/${hex(item.messageId)}`
      const known = this.mail.get(name)
      if (known && isDone) known.done = Math.max(known.done ?? 0, Number(group.epoch))
      if (result?.code !== 0 || result.duplicate) return
      const mail = known ?? {
        tag,
        id: hex(item.messageId),
        rows: [],
        doubled: 0,
        done: isDone ? Number(group.epoch) : undefined,
      }
      this.mail.set(name, mail)
      const device = hex(item.recipientKey)
      if (mail.rows.some((row) => row.device === device)) mail.doubled++
      mail.rows.push({ device, epoch: Number(group.epoch), at: this.#elapsed() })
    })
  }
}

const namesOf = (members: readonly { readonly deviceKey: DeviceKey }[]): readonly string[] =>
  members.map(({ deviceKey }) => hex(deviceKey))
