/** qpq demo-group: a group's life between three people, on a server of its own in a temporary folder. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Client, TimelineView } from "../../../core/client/client-api.ts"
import { ProfileGate } from "../../../core/client/gate.ts"
import { hex } from "../../../core/domain/bytes.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { startServer } from "../../server-child.ts"
import type { StartedServer } from "../../server-child.ts"
import type { CommandContext, Run } from "../command.ts"

const SYNC_MS = 10_000

export const demoGroup: Run = async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "qpq-demo-"))
  const gates: ProfileGate[] = []
  let server: StartedServer | undefined
  try {
    server = await startServer(
      { dataDir: join(folder, "server"), listen: "127.0.0.1:0", health: "127.0.0.1:0", detached: false },
      { world: context.world, execPath: context.execPath, env: context.env },
    )
    say(context, "server", { address: server.address }, `server on ${server.address}`)
    const people = await registered(context, { folder, address: server.address, gates })
    await conversation(context, people, gates)
  } finally {
    await Promise.allSettled(gates.map((gate) => gate.close()))
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Name = "alice" | "bob" | "carol"
type People = Readonly<Record<Name, Client>>

interface Stage {
  readonly folder: string
  readonly address: string
  readonly gates: ProfileGate[]
}

async function registered(context: CommandContext, { folder, address, gates }: Stage): Promise<People> {
  const register = async (name: Name): Promise<Client> => {
    const gate = new ProfileGate({ home: join(folder, name), world: context.world })
    gates.push(gate)
    const password = hex(context.world.random.bytes(16))
    await gate.unlock(password)
    const account = await gate.register({ name, password, server: address })
    say(
      context,
      "registered",
      { name, accountKey: account.accountKey },
      `${name} registered, key ${account.fingerprint}`,
    )
    return gate.client
  }
  return { alice: await register("alice"), bob: await register("bob"), carol: await register("carol") }
}

async function conversation(context: CommandContext, people: People, gates: readonly ProfileGate[]): Promise<void> {
  const { alice, bob, carol } = people
  const { groupId } = await alice.createGroup("demo", "hybrid")
  context.out.change(await alice.invite(groupId, ["bob", "carol"]))
  for (const person of [bob, carol]) {
    await person.sync(SYNC_MS)
    const invitation = (await person.groups()).find((group) => group.groupId === groupId)
    if (!invitation) throw new QpqError("E099", "the invitation did not come")
    context.out.invitation(invitation)
    await person.accept(groupId)
  }
  const talk = async (person: Client, text: string): Promise<void> => {
    await person.sync(SYNC_MS)
    await person.send(groupId, text)
    await person.sync(SYNC_MS)
  }
  await talk(alice, "welcome, both of you")
  await talk(bob, "thanks! is this really end to end?")
  await talk(carol, "yes, and post-quantum from the first message")
  say(context, "offline", { name: "carol" }, "carol goes offline")
  await talk(alice, "carol will read this later")
  await talk(bob, "and this")
  await alice.sync(SYNC_MS)
  await carol.sync(SYNC_MS)
  say(context, "online", { name: "carol" }, "carol comes back and catches up")
  const transcripts = await Promise.all([alice, bob, carol].map((person) => transcript(person, groupId)))
  checkEqual(transcripts)
  for (const line of transcripts[0] ?? []) context.out.message(line)
  const views = await Promise.all([alice, bob, carol].map((person) => person.groups()))
  for (const [view] of views) if (view) context.out.group(view)
  context.out.done(`all ${gates.length} saw the same ${transcripts[0]?.length ?? 0} messages in the same epoch`)
}

const transcript = async (person: Client, groupId: string): Promise<readonly TimelineView[]> =>
  (await person.timeline({ groupId, limit: 100 })).filter((row) => row.kind === "text")

/** @throws E099 when somebody saw something else. */
function checkEqual(transcripts: readonly (readonly TimelineView[])[]): void {
  const told = transcripts.map((rows) => rows.map((row) => `${row.sender}: ${row.text}`).join("\n"))
  if (new Set(told).size !== 1) throw new QpqError("E099", "the transcripts differ")
}

function say(context: CommandContext, type: string, fields: Readonly<Record<string, unknown>>, text: string): void {
  context.out.line({ type, ...fields }, `-- ${text}`)
}
