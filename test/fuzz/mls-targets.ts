/** MLS from outside, from a member, from an inviter, and at rest; in both suites. */
import { encodeKeyPackage } from "ts-mls/keyPackage.js"
import { verifyEd25519 } from "../../core/crypto/ed25519.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import type { Suite } from "../../core/domain/suite.ts"
import { checkKeyPackage } from "../../core/mls/key-package-check.ts"
import type { Invitation } from "../../core/mls/group-engine.ts"
import { EMPTY } from "../../core/domain/bytes.ts"
import { decodeKeyPackageExactly } from "../../core/mls/key-package.ts"
import { groupOf, invitationFor, keyPackageOf, NOW, person, say } from "../fakes/mls-people.ts"
import type { Person, Seat } from "../fakes/mls-people.ts"
import { hostileInvitations } from "../fakes/hostile-invitation.ts"
import { hostileContent, hostileProposalBytes, PROPOSALS, reencoded } from "../fakes/hostile-content.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import type { Target } from "./target.ts"

/** A message takes a few operations; what must be sealed first, or walks a tree, many. */
const OPEN_SHARE = 0.3
const SEALED_SHARE = 0.06
const TREE_SHARE = 0.04
const MESSAGE_CODES: readonly ErrorCode[] = ["E030", "E034"]

async function messageTargets(suite: Suite, seats: readonly Seat[]): Promise<readonly Target[]> {
  const [ada, bob] = [seats[0]!, seats[1]!]
  const staged = await ada.who.engine.stage(ada.group, { now: NOW })
  const added = await ada.who.engine.stage(ada.group, {
    now: NOW,
    add: [(await keyPackageOf(person(), suite)).publicBytes],
  })
  const texts = [await say(ada, "hello"), await say(ada, "x".repeat(400))]
  const { engine } = bob.who
  const request = (message: Uint8Array): Promise<unknown> => engine.open(bob.group, { message })
  const corpus = [...texts, staged.message, added.message]
  return [
    { name: `MLS header ${suite}`, corpus, decode: (bytes) => engine.headerOf(bytes), codes: ["E030"] },
    { name: `MLS message ${suite}`, corpus, decode: request, codes: MESSAGE_CODES, share: OPEN_SHARE },
    {
      name: `content of a member ${suite}`,
      corpus: (await Promise.all(corpus.map((message) => reencoded(bob.group, message)))).flat(),
      decode: async (bytes) => request(await hostileContent(ada.group, bytes)),
      codes: MESSAGE_CODES,
      share: SEALED_SHARE,
    },
    {
      name: `proposals of a member ${suite}`,
      corpus: PROPOSALS,
      decode: async (bytes) => {
        const messages = await hostileProposalBytes(ada.group, bytes)
        for (const message of messages) await request(message)
        return messages.length
      },
      codes: MESSAGE_CODES,
      share: SEALED_SHARE,
    },
  ]
}

async function keyPackageTargets(suite: Suite, who: Person): Promise<readonly Target[]> {
  const packages = [
    await keyPackageOf(who, suite),
    await who.engine.makeKeyPackage({ suite, now: NOW, lastResort: true }),
  ]
  const corpus = packages.map((own) => own.publicBytes)
  const tools = { verify: verifyEd25519, digest: sha256, now: NOW }
  return [
    {
      name: `KeyPackage ${suite}`,
      corpus,
      decode: (bytes) => who.engine.checkKeyPackage(bytes, NOW),
      codes: ["E011", "E021"],
      share: OPEN_SHARE,
    },
    {
      name: `KeyPackage at the server ${suite}`,
      corpus,
      decode: (bytes) => checkKeyPackage(bytes, tools),
      codes: ["E011", "E021"],
    },
    {
      name: `KeyPackage exactly ${suite}`,
      corpus,
      decode: (bytes) => encodeKeyPackage(decodeKeyPackageExactly(bytes)),
      codes: ["E011"],
    },
  ]
}

async function welcomeTargets(suite: Suite, seats: readonly Seat[]): Promise<readonly Target[]> {
  const founder = seats[0]!
  const who = person()
  const own = await keyPackageOf(who, suite)
  const staged = await founder.who.engine.stage(founder.group, { now: NOW, add: [own.publicBytes] })
  const invitation = invitationFor(staged, who, own)
  const join = async (change: Partial<Invitation>): Promise<unknown> => {
    const changed = { ...invitation, ...change }
    await who.engine.peekWelcome(changed)
    return who.engine.join(changed)
  }
  /** An inviter that made up the secrets gets no further than that: what counts is what is seen before. */
  const seen = async (forged: Invitation): Promise<unknown> => {
    const view = await who.engine.peekWelcome(forged)
    const code = await codeOfAsync(() => who.engine.join(forged))
    if (code !== "E035") throw new Error(`joined: ${code}`)
    return view
  }
  const forged = await hostileInvitations(founder.group, { who, own })
  return [
    {
      name: `Welcome ${suite}`,
      corpus: [invitation.shared],
      decode: (shared) => join({ shared }),
      codes: ["E035"],
      share: SEALED_SHARE,
    },
    {
      name: `Welcome's secrets ${suite}`,
      corpus: [invitation.secrets],
      decode: (secrets) => join({ secrets }),
      codes: ["E035"],
      share: SEALED_SHARE,
    },
    {
      name: `stored KeyPackage ${suite}`,
      corpus: [own.privateBytes],
      decode: (privateBytes) => join({ keyPackage: { publicBytes: own.publicBytes, privateBytes } }),
      codes: ["E035"],
      share: SEALED_SHARE,
    },
    ...forged.map(({ part, corpus, forge }) => ({
      name: `${part} of an inviter ${suite}`,
      corpus,
      decode: async (bytes: Uint8Array) => seen(await forge(bytes)),
      codes: ["E035" as const],
      share: TREE_SHARE,
    })),
  ]
}

async function restTargets(suite: Suite, seats: readonly Seat[]): Promise<readonly Target[]> {
  const { who, group } = seats[0]!
  const { touched } = await who.engine.seal(group, { plaintext: EMPTY })
  return [
    {
      name: `stored group ${suite}`,
      corpus: [who.engine.encode(group)],
      decode: (bytes) => {
        const read = who.engine.decode(bytes)
        return [read.id, read.suite, read.members, read.ownGeneration]
      },
      codes: ["E060", "E062"],
      share: OPEN_SHARE,
    },
    {
      name: `stored secret-tree node ${suite}`,
      corpus: [touched.record],
      decode: (record) => who.engine.applyTouched(group, { ...touched, record }),
      codes: ["E060"],
    },
  ]
}

async function targetsOf(suite: Suite): Promise<readonly Target[]> {
  const seats = await groupOf(4, suite)
  return [
    ...(await messageTargets(suite, seats)),
    ...(await keyPackageTargets(suite, person())),
    ...(await welcomeTargets(suite, seats)),
    ...(await restTargets(suite, seats)),
  ]
}

export async function mlsTargets(): Promise<readonly Target[]> {
  return [...(await targetsOf("baseline")), ...(await targetsOf("hybrid"))]
}
