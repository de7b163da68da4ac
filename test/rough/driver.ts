/** One person's client core as a process of its own, made to be killed: calls come over IPC, what happens goes back. */
import type { Client } from "../../core/client/client-api.ts"
import { ProfileGate } from "../../core/client/gate.ts"
import { Profile } from "../../core/client/profile.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import { parseServerAddress } from "../../core/domain/server-address.ts"
import { realWorld } from "../../core/domain/world.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import { QuicDialer } from "../../core/transport/quic-dialer.ts"
import type { DriverOrder, DriverReport, DriverSetting } from "./driven.ts"

const setting = JSON.parse(process.argv[2] ?? "{}") as DriverSetting
const { name, password } = setting
const tell = (report: DriverReport): void => void process.send?.(report)
// Whoever drives is gone: nothing is left to do.
process.on("disconnect", () => process.exit(0))

const gate = new ProfileGate({ home: setting.home, world: realWorld })
const { state } = await gate.unlock(password)
const profile = (store: ClientStore, network: QuicDialer): Profile =>
  new Profile({ store, world: realWorld, network, stretching: "unsafeTestingTiny" })
if (state !== "ready") {
  // Long work for one thread: nobody should be taken for dead over it.
  const patient = profile({ ...gate.store, close: () => undefined }, new QuicDialer(realWorld))
  const server = { address: parseServerAddress(setting.server) }
  await (await patient.register({ name, password, server })).close()
}
const client: Client = profile(gate.store, new QuicDialer(realWorld, setting.liveness)).open()
void listen()
await client.follow()

const talk = { groupId: "", everyMs: 0, said: 0 }
process.on("message", (order: DriverOrder) => void obey(order))
tell({ kind: "ready" })

async function obey(order: DriverOrder): Promise<void> {
  if (order.kind === "talk") {
    const isOn = talk.everyMs > 0
    Object.assign(talk, { groupId: order.groupId, everyMs: order.everyMs })
    if (!isOn && talk.everyMs > 0) await keepTalking()
    return
  }
  try {
    const calls = client as unknown as Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>
    tell({ kind: "answer", id: order.id, value: (await calls[order.method]?.(...order.args)) ?? null })
  } catch (thrown) {
    tell({ kind: "refusal", id: order.id, code: toQpqError(thrown).code })
  }
}

/** Every text is another one: this life's number and its own are in it. */
async function keepTalking(): Promise<void> {
  while (talk.everyMs > 0) {
    const text = `${name} ${setting.life}.${++talk.said}`
    try {
      // What this resolves to is durable in the outbox: from here on it may not be lost.
      tell({ kind: "queued", id: await client.send(talk.groupId, text), text })
    } catch (thrown) {
      tell({ kind: "unsaid", code: toQpqError(thrown).code })
    }
    await realWorld.clock.sleep(talk.everyMs * (0.5 + Math.random()))
  }
}

async function listen(): Promise<void> {
  for await (const event of client.events(new AbortController().signal)) {
    if (event.kind === "delivery") tell({ kind: "delivery", id: event.id, delivery: event.delivery })
    if (event.kind === "trouble") tell({ kind: "trouble", code: event.code, message: event.message })
    if (event.kind === "link") tell({ kind: "link", state: event.link.state })
    if (event.kind === "timeline" && !event.row.own) tell({ kind: "heard", text: event.row.text })
  }
}
