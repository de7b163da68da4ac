/** Our provider against ts-mls's default, baseline suite: `npx tsx test/bench/mls-provider.ts`. Goal: 3 times as fast each. */
import {
  createApplicationMessage,
  createCommit,
  createGroup,
  defaultCapabilities,
  defaultLifetime,
  emptyPskIndex,
  generateKeyPackageWithKey,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  processPrivateMessage,
} from "ts-mls"
import type { CiphersuiteImpl, ClientState, KeyPackage, PrivateKeyPackage } from "ts-mls"
import { utf8 } from "../../core/domain/bytes.ts"
import { ciphersuiteOf } from "../../core/mls/provider.ts"

const MEMBERS = 32
const ROUNDS = 40
const GOAL_RATIO = 3

async function keyPackage(suite: CiphersuiteImpl): Promise<{ own: KeyPackage; secret: PrivateKeyPackage }> {
  const keys = await suite.signature.keygen()
  const credential = { credentialType: "basic" as const, identity: keys.publicKey }
  const capabilities = defaultCapabilities()
  const made = await generateKeyPackageWithKey(credential, capabilities, defaultLifetime, [], keys, suite)
  return { own: made.publicPackage, secret: made.privatePackage }
}

async function twoOfMany(suite: CiphersuiteImpl): Promise<{ ada: ClientState; bob: ClientState }> {
  const founder = await keyPackage(suite)
  const others = await Promise.all(Array.from({ length: MEMBERS - 1 }, () => keyPackage(suite)))
  const alone = await createGroup(utf8("bench"), founder.own, founder.secret, [], suite)
  const extraProposals = others.map(({ own }) => ({ proposalType: "add" as const, add: { keyPackage: own } }))
  const added = await createCommit({ state: alone, cipherSuite: suite }, { extraProposals, ratchetTreeExtension: true })
  const [bob] = others
  if (!added.welcome || !bob) throw new TypeError("no Welcome")
  return { ada: added.newState, bob: await joinGroup(added.welcome, bob.own, bob.secret, emptyPskIndex, suite) }
}

type Times = Record<"commit" | "process" | "send", number>

/** Medians in milliseconds. */
async function measure(suite: CiphersuiteImpl): Promise<Times> {
  let { ada, bob } = await twoOfMany(suite)
  const samples = { commit: [] as number[], process: [] as number[], send: [] as number[] }
  const timed = async <T>(name: keyof Times, step: () => Promise<T>): Promise<T> => {
    const start = performance.now()
    const result = await step()
    samples[name].push(performance.now() - start)
    return result
  }
  for (let round = 0; round < ROUNDS; round++) {
    const made = await timed("commit", () => createCommit({ state: ada, cipherSuite: suite }))
    const { commit } = made
    if (commit.wireformat !== "mls_private_message") throw new TypeError("not private")
    const received = bob
    const opened = await timed("process", () =>
      processPrivateMessage(received, commit.privateMessage, emptyPskIndex, suite),
    )
    const current = made.newState
    const sent = await timed("send", () => createApplicationMessage(current, new Uint8Array(200), suite))
    bob = opened.newState
    ada = sent.newState
  }
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0
  return { commit: median(samples.commit), process: median(samples.process), send: median(samples.send) }
}

const usual = await measure(await getCiphersuiteImpl(getCiphersuiteFromName(ciphersuiteOf("baseline").name)))
const ours = await measure(ciphersuiteOf("baseline"))
for (const name of ["commit", "process", "send"] as const) {
  const ratio = usual[name] / ours[name]
  const verdict = ratio >= GOAL_RATIO ? "reached" : "MISSED"
  const times = `default ${usual[name].toFixed(2)} ms, ours ${ours[name].toFixed(2)} ms`
  console.log(`${name}: ${ratio.toFixed(1)} times as fast (${times}); goal ${GOAL_RATIO}: ${verdict}`)
}
