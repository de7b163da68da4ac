/** From the first account to the last word, by commands and in the app, with wrong passwords and a server that is killed. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { ServerProcess } from "../fakes/server-process.ts"
import { keyCanary, textCanary } from "./canary.ts"
import type { Canary } from "./canary.ts"
import type { Said, Scene, Someone } from "./scene.ts"

const STATIC_TOKEN = textCanary("static token", "secret")
const WAIT_S = "15"

/** What is said, meant, mistyped and handed over. */
export const CANARIES = {
  alice: textCanary("password of alice", "secret"),
  bob: textCanary("password of bob", "secret"),
  carol: textCanary("password of carol", "secret"),
  wrong: textCanary("wrong password", "secret"),
  mistyped: textCanary("mistyped password", "secret"),
  passphrase: textCanary("wrong passphrase", "secret"),
  staticToken: STATIC_TOKEN,
  text: textCanary("first text", "content"),
  reply: textCanary("reply", "content"),
  edited: textCanary("edited text", "content"),
  direct: textCanary("direct text", "content"),
  typed: textCanary("typed in the app", "content"),
  offline: textCanary("said without a server", "content"),
  file: textCanary("file content", "content"),
  group: textCanary("group", "word"),
  baseline: textCanary("other group", "word"),
  fileName: textCanary("file name", "word"),
}

const alice: Someone = { name: "alice", password: CANARIES.alice, by: "QPQ_PASSWORD" }
const bob: Someone = { name: "bob", password: CANARIES.bob, by: "file" }
const carol: Someone = { name: "carol", password: CANARIES.carol, by: "file" }
/** Of a small journey the first two. */
export const people = (isSmall: boolean): readonly Someone[] => (isSmall ? [alice, bob] : [alice, bob, carol])

const textOf = ({ bytes }: Canary): string => bytes.toString()

export interface JourneyOptions {
  readonly scene: Scene
  readonly say: (text: string) => void
  /** Without the app and the second group. */
  readonly isSmall: boolean
}

/** @returns what became known on the way: tokens of invitations. */
export async function journey({ scene, say, isSmall }: JourneyOptions): Promise<readonly Canary[]> {
  let server = await started(scene, 0, "no")
  const address = formatServerAddress(server.address)
  say("accounts, by invitation")
  const tokens = await register(scene, address, people(isSmall))
  say("groups and texts")
  await talk(scene, isSmall)
  say("wrong passwords")
  await mistakes(scene)
  if (!isSmall) await inTheApp(scene)
  say("the server is killed, and comes back")
  scene.keepFiles("in use")
  await server.stop("SIGKILL").then(({ stderr }) => keepLog(scene, "killed server", stderr))
  scene.keepFiles("after the kill")
  await expectStatus(
    scene.qpq(alice, ["send", textOf(CANARIES.group), "-", "--timeout", "2"], textOf(CANARIES.offline)),
    [0, 69, 75],
  )
  server = await started(scene, server.address.port, "yes")
  // What waited goes out with whatever she does next.
  await done(scene.qpq(alice, ["recv"]))
  await done(scene.qpq(bob, ["recv", "--wait", WAIT_S]))
  await operate(scene, server)
  if (!isSmall) await afterwards(scene)
  scene.keepFiles("before the end")
  const { stdout, stderr } = await server.stop()
  keepLog(scene, "server", stderr)
  scene.keep({ name: "output of the server", kind: "log", bytes: Buffer.from(stdout) })
  return tokens
}

async function started(scene: Scene, port: number, supervise: "yes" | "no"): Promise<ServerProcess> {
  const token = scene.input("static-token", `${textOf(STATIC_TOKEN)}\n`)
  const audit = join(scene.dataDir, "server.audit")
  const flags = ["--log-level", "trace", "--audit-log", audit, "--registration", "invite", "--auth-token-file", token]
  return ServerProcess.start(scene.dataDir, ...flags, "--listen", `127.0.0.1:${port}`, "--supervise", supervise)
}

async function register(scene: Scene, address: string, all: readonly Someone[]): Promise<readonly Canary[]> {
  const tokens: Canary[] = []
  for (const who of all) {
    const { out } = await done(scene.administer("invite-token", "--json"))
    const { token } = JSON.parse(out) as { readonly token: string }
    tokens.push(keyCanary(`invite token of ${who.name}`, "operator", Buffer.from(token)))
    await done(scene.qpq(who, ["register-user", who.name, "--server", address, "--invite", token]))
  }
  await expectStatus(
    scene.qpq({ ...carol, name: "dave" }, ["register-user", "dave", "--server", address, "--invite", "guess"]),
    [77],
  )
  return tokens
}

async function talk(scene: Scene, isSmall: boolean): Promise<void> {
  const [group, baseline] = [textOf(CANARIES.group), textOf(CANARIES.baseline)]
  const [, ...others] = people(isSmall)
  await done(scene.qpq(alice, ["create-group", group]))
  await done(scene.qpq(alice, ["invite", group, ...others.map(({ name }) => name)]))
  for (const who of others) await done(scene.qpq(who, ["join"]))
  await done(scene.qpq(alice, ["send", group, "-"], textOf(CANARIES.text)))
  await done(scene.qpq(bob, ["recv", "--wait", WAIT_S]))
  await done(scene.qpq(bob, ["send", group, "-"], textOf(CANARIES.reply)))
  const path = scene.input(`${textOf(CANARIES.fileName)}.txt`, textOf(CANARIES.file).repeat(200))
  await done(scene.qpq(alice, ["send", group, "--file", path]))
  const { out } = await done(scene.qpq(bob, ["recv", "--wait", WAIT_S, "--json"]))
  const file = out.split("\n").find((line) => line.includes('"attachment"')) ?? "{}"
  const { id = "" } = JSON.parse(file) as { readonly id?: string }
  await done(scene.qpq(bob, ["save", group, id, join(scene.folder, "saved", "copy.txt")]))
  await done(scene.qpq(alice, ["dm", "bob", "-"], textOf(CANARIES.direct)))
  await done(scene.qpq(bob, ["recv", "--wait", WAIT_S]))
  if (isSmall) return
  await done(scene.qpq(alice, ["create-group", baseline, "--suite", "baseline"]))
  await done(scene.qpq(alice, ["invite", baseline, "carol"]))
  await done(scene.qpq(carol, ["join"]))
  await done(scene.qpq(carol, ["send", baseline, "-"], textOf(CANARIES.edited)))
  await done(scene.qpq(alice, ["recv", "--wait", WAIT_S]))
}

/** The canaries of wrong passwords reach whatever may write them down. */
async function mistakes(scene: Scene): Promise<void> {
  const mistaken = { ...alice, password: CANARIES.wrong }
  await expectStatus(scene.qpq(mistaken, ["whoami"]), [77])
  await expectStatus(scene.qpq({ ...mistaken, by: "file" }, ["login", "alice"]), [77])
  const passphrase = scene.input("passphrase", `${textOf(CANARIES.passphrase)}\n`)
  await expectStatus(scene.qpq(bob, ["whoami", "--passphrase-file", passphrase]), [77])
  await expectStatus(scene.qpq(alice, ["send", "no such group", "-"], textOf(CANARIES.text)), [65])
  await expectStatus(scene.qpq(alice, ["no-such-command"]), [2])
  await expectStatus(scene.administer("suspend", "nobody"), [68])
}

/** Its log says as much as it can. A password is mistyped, then typed; a text is said; a command fails. */
async function inTheApp(scene: Scene): Promise<void> {
  const app = scene.app("alice", ["--log-level", "debug"])
  await app.shows("Password:")
  app.type(`${textOf(CANARIES.mistyped)}\r`)
  await app.shows("That is not the password of this profile.")
  app.type(`${textOf(CANARIES.alice)}\r`)
  await app.shows("● online")
  app.type(textOf(CANARIES.typed))
  await app.press("enter", "enter send")
  await app.shows(new RegExp(`${textOf(CANARIES.typed)} +✓`))
  app.type("/dm nobody-here")
  await app.press("enter", "enter")
  await app.shows(/no such user/i)
  app.type("\u0011")
  const status = await app.ended
  if (status !== 0) throw new Error(`the app ended with ${status}`)
}

/** All that the operator can look at. */
async function operate(scene: Scene, server: ServerProcess): Promise<void> {
  for (const path of ["/", "/healthz", "/readyz", "/metrics"]) {
    const { body } = await server.get(path)
    scene.keep({ name: `page ${path}`, kind: "page", bytes: Buffer.from(body) })
  }
  for (const words of [["accounts"], ["stats"], ["suspend", "bob"], ["resume", "bob"]]) {
    const { out } = await done(scene.administer(...words))
    scene.keep({ name: `operator's ${words.join(" ")}`, kind: "page", bytes: Buffer.from(out) })
  }
}

async function afterwards(scene: Scene): Promise<void> {
  const group = textOf(CANARIES.group)
  for (const words of [
    ["history", group],
    ["history", group, "--json"],
    ["doctor"],
    ["members", group],
    ["devices"],
    ["ping"],
  ])
    await done(scene.qpq(bob, words))
  await done(scene.qpq(bob, ["logout"]))
  await done(scene.qpq(bob, ["login", "bob"]))
  await done(scene.qpq(alice, ["update", group]))
}

function keepLog(scene: Scene, name: string, text: string): void {
  if (!text.includes('"method":"enqueueMany"') && name === "killed server")
    throw new Error("the server's log says too little")
  scene.keep({ name: `log of the ${name}`, kind: "log", bytes: Buffer.from(text) })
}

async function done(said: Promise<Said>): Promise<Said> {
  return expectStatus(said, [0])
}

async function expectStatus(said: Promise<Said>, expected: readonly number[]): Promise<Said> {
  const { status, out, errors } = await said
  if (expected.includes(status)) return { status, out, errors }
  throw new Error(`a command ended with ${status} where ${expected.join(" or ")} was to come: ${errors}${out}`)
}

/** The server's own certificate key, out of its PEM file. */
export function tlsKey(scene: Scene): Canary {
  const pem = readFileSync(join(scene.dataDir, "tls-key.pem"), "latin1").replaceAll(/-----[A-Z ]+-----|\s/g, "")
  // The private scalar of P-256 stands at a fixed place of a PKCS#8 key.
  return keyCanary("key of the server's certificate", "server", Buffer.from(pem, "base64").subarray(36, 68))
}
