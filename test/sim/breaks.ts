/** Small deliberate defects, put in by wrapping: each shows that the simulator's checks can fail (docs/TESTING.md). */
import type { FanOutAnswer, FetchAnswer, FetchRequest } from "../../core/contract/node-service.ts"
import { deviceListsVersion } from "../../core/client/device-lists.ts"
import { concat, hex, uintBytes, wipe } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { GroupEngine } from "../../core/mls/group-engine.ts"
import type { CommitOutcome, Deposit, NodeStore, Read, StoredCommit } from "../../server/store/node-store.ts"
import type { Dice } from "./dice.ts"
import { wrappedStore } from "./node.ts"
import { unsafeBelieve } from "./quick-crypto.ts"
import type { ClientBreak } from "./person-rooms.ts"
import type { Defect } from "./scene.ts"
import type { Tamper } from "./wire.ts"

export interface Break {
  readonly what: string
  /** It is found within so many seeds, from 1. */
  readonly within: number
  readonly make: (dice: Dice) => Defect
}

type AnyCall = (...args: readonly unknown[]) => Promise<unknown>

const server = (wrap: (store: NodeStore, name: string, operation: AnyCall) => AnyCall): Defect => ({
  server: (store) => wrappedStore(store, (name, operation) => wrap(store, name, operation)),
})

/** Rows are acknowledged when they arrive, before they are stored. */
const ackEarly: Tamper = (ask) => async (method, args) => {
  const answer = await ask(method, args)
  if (method !== "fetch" && method !== "fetchWait") return answer
  const { recipientKey, channelId, allChannels, after } = args[0] as FetchRequest
  const { envelopes, generation } = answer as FetchAnswer
  const upTo = envelopes.reduce((highest, { position }) => (position > highest ? position : highest), after)
  if (upTo > after) await ask("ack", [{ recipientKey, channelId, allChannels, generation, after, ack: upTo, upTo }])
  return answer
}

/** Nobody knows where a message of one's own stands. */
const noHeads: Tamper = (ask) => async (method, args) => {
  const answer = await ask(method, args)
  return method === "enqueueMany" ? { ...(answer as FanOutAnswer), head: 0n } : answer
}

/** A fetch takes what it gives out of the mailbox. */
const destructiveFetch: Defect = server((store, name, operation) => async (...args) => {
  const answer = await operation(...args)
  if (name !== "read") return answer
  const { envelopes, generation } = answer as FetchAnswer
  const last = envelopes.at(-1)
  if (last) await store.acknowledge({ ...(args[0] as Read), generation, upTo: last.position })
  return answer
})

/** Each sender is another one each time: nothing is recognised as a repetition. */
function noTombstones(): Defect {
  let strangers = 1_000_000
  return server((_, name, operation) => (...args) => {
    if (name !== "deposit") return operation(...args)
    return operation({ ...(args[0] as Deposit), account: strangers++ })
  })
}

/** Mail of any epoch is taken. */
const noStaleness: Defect = server((_, name, operation) => (...args) => {
  if (name !== "deposit") return operation(...args)
  const { account, items, body, now, expiresAt, rememberUntil } = args[0] as Deposit
  return operation({ account, items, body, now, expiresAt, rememberUntil })
})

/** A commit on any base epoch is accepted, as far as its author is told, and its rows delivered. */
const commitUnchecked: Defect = server((store, name, operation) => async (...args) => {
  const outcome = (await operation(...args)) as CommitOutcome
  if (name !== "commit" || outcome.accepted) return outcome
  const commit = args[0] as StoredCommit
  const { account, now, expiresAt, payload, messageId } = commit
  const items = commit.recipients.map((item) => ({ ...item, messageId }))
  await store.deposit({ account, now, expiresAt, rememberUntil: expiresAt, items, body: payload })
  return { ...outcome, accepted: true, epoch: commit.baseEpoch + 1n, winner: concat(messageId, commit.authorKey) }
})

/** Of two who begin a conversation at once, both are told that they were first. */
const bothFirst: Defect = server((_, name, operation) => async (...args) => {
  const outcome = await operation(...args)
  if (name !== "commit" || (outcome as CommitOutcome).accepted) return outcome
  const { baseEpoch, welcomes } = args[0] as StoredCommit
  const isFirst = baseEpoch === 0n && welcomes.some(({ channelId }) => channelId.length > 0)
  return isFirst ? { ...(outcome as CommitOutcome), accepted: true, epoch: 1n } : outcome
})

/** No attempt at a successor is left. */
const noSuccessor: ClientBreak = {
  change: (tx) => ({
    saveSuccession: (row) => {
      tx.saveSuccession(row.moved ? row : { ...row, attempt: ATTEMPTS_MAX })
    },
  }),
}
const ATTEMPTS_MAX = 256

/** The keys that a message used up are not written down. */
const forgetSpent: ClientBreak = { change: () => ({ putSecretNode: () => undefined }) }

/** What is said about a text that is not there yet is forgotten. */
const forgetEarly: ClientBreak = {
  change: (tx) => ({ annotate: (row) => tx.timelineRow(row) !== undefined && tx.annotate(row) }),
}

/** Some commits that are good for all others are refused for reasons of one's own. */
const judgeLocally =
  (dice: Dice) =>
  (engine: GroupEngine): GroupEngine => ({
    ...engine,
    open: async (group, request) => {
      if (request.expectedVerifier && dice.chance(0.1)) throw new QpqError("E030", "its author is on a list")
      return engine.open(group, request)
    },
  })

/** Keys that a staged commit would spend are wiped although the commit lost. */
function wipeAfterLostRace(): ClientBreak {
  const spent = new Set<readonly Uint8Array[]>()
  return {
    engine: (engine) => ({
      ...engine,
      stage: async (group, change) => {
        const staged = await engine.stage(group, change)
        spent.add(staged.spent)
        return staged
      },
    }),
    change: (tx) => ({
      unstageCommit: (id) => {
        tx.unstageCommit(id)
        for (const keys of spent) wipe(...keys)
        spent.clear()
      },
    }),
  }
}

/** No device is held against the list of its account: who is in a group stays. */
const noDeviceCheck: ClientBreak = {
  store: (store) => ({
    ...store,
    setting: (name) => {
      const group = store.groups().find(({ id }) => name === `devices-checked-${hex(id)}`)
      return group ? concat(uintBytes(group.epoch, 8), uintBytes(deviceListsVersion(store), 8)) : store.setting(name)
    },
  }),
}

/** A list that names fewer devices is not taken from anybody. */
const keepRevoked: ClientBreak = {
  change: (tx) => ({
    saveDeviceList: (row) => {
      const known = tx.deviceList(row.accountKey)
      const isShorter = known !== undefined && known.list.length > row.list.length
      if (!isShorter) tx.saveDeviceList(row)
    },
  }),
}

export const BREAKS: Readonly<Record<string, Break>> = {
  "both-first": { what: "two conversations of two instead of one", within: 60, make: () => bothFirst },
  "no-successor": {
    what: "no successor of a broken group",
    within: 200,
    make: () => ({ client: () => noSuccessor }),
  },
  "ack-early": { what: "ack before persist", within: 40, make: () => ({ client: () => ({ tamper: ackEarly }) }) },
  "no-heads": {
    what: "own messages behind all that was read",
    within: 20,
    make: () => ({ client: () => ({ tamper: noHeads }) }),
  },
  "no-room": {
    what: "no room before what comes while something is on its way",
    within: 40,
    make: () => ({ client: () => ({ change: () => ({ keepRoom: () => undefined }) }) }),
  },
  "destructive-fetch": { what: "destructive fetch", within: 20, make: () => destructiveFetch },
  "no-tombstones": { what: "no tombstones", within: 20, make: noTombstones },
  "no-staleness": { what: "no staleness check", within: 40, make: () => noStaleness },
  "commit-unchecked": { what: "commit check off", within: 40, make: () => commitUnchecked },
  "forget-spent": { what: "generation reuse", within: 20, make: () => ({ client: () => forgetSpent }) },
  "forget-early": { what: "no edit before its text", within: 60, make: () => ({ client: () => forgetEarly }) },
  "judge-locally": {
    what: "a commit judged by local knowledge",
    within: 20,
    make: (dice) => ({ client: () => ({ engine: judgeLocally(dice) }) }),
  },
  "no-device-check": {
    what: "devices not held against their lists",
    within: 40,
    make: () => ({ client: () => noDeviceCheck }),
  },
  "keep-revoked": {
    what: "a revoked device stays in its groups",
    within: 40,
    make: () => ({ client: () => keepRevoked }),
  },
  "unsigned-lists": {
    what: "device lists and certificates taken unsigned: the server's device is let in",
    within: 60,
    make: () => {
      unsafeBelieve("qpq-devices-v1", "qpq-device-v1")
      return {}
    },
  },
  "wipe-after-lost-race": {
    what: "wipe after a lost race",
    within: 240,
    make: () => ({ client: wipeAfterLostRace }),
  },
}
