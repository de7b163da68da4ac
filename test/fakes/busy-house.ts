/** The conversation of the pictures and of most screen tests. */
import { FakeCore } from "./fake-core.ts"

export interface BusyHouse {
  readonly core: FakeCore
  readonly ops: string
  readonly train: string
}

export function busyHouse(): BusyHouse {
  const core = new FakeCore()
  const ops = core.group("ops-oncall", ["alice", "bob", "carol"], { epoch: 11 })
  const train = core.group("release-train", ["alice", "bob"], { epoch: 4 })
  core.group("design", ["alice", "carol", "dave"], { epoch: 7 })
  core.verify("bob")
  core.says(train, "bob", "1.4.0 is tagged", 0)
  core.says(train, "bob", "release notes are in the wiki", 0)
  core.says(ops, "bob", "deploy window moved to 14:00 UTC\nrunbook: https://wiki.example/rb/42")
  core.deliver(core.says(ops, "alice", "ack, I hold the pager", 2).id)
  core.says(ops, "carol", "can someone review !118?")
  core.change(ops, "alice", { added: ["dave"] })
  core.says(ops, "dave", "hi all 👋", 5)
  return { core, ops, train }
}
