/** What the operator's socket of a running server works with. */
import { packageVersion } from "../../core/domain/package-root.ts"
import type { World } from "../../core/domain/world.ts"
import type { DatabaseFile } from "../../core/sqlite/open.ts"
import type { QuicListener } from "../../core/transport/quic-listener.ts"
import type { ServerConfig } from "../config.ts"
import type { RunningNode } from "../node.ts"
import type { BackupOrder } from "../store/backup.ts"
import { backupBeside, checkBeside } from "../store/upkeep.ts"
import type { AdminRooms } from "./admin-commands.ts"
import { openAdminDoor } from "./admin-door.ts"
import type { AdminDoor } from "./admin-door.ts"
import { ownFiles } from "./certificate-files.ts"
import type { ServerLog } from "./log.ts"

interface Administered extends Pick<AdminRooms, "certificate" | "audit"> {
  readonly node: RunningNode
  readonly listener: QuicListener
  readonly world: World
  readonly log: ServerLog
}

/** Without it the server serves all the same. */
export function administration(config: ServerConfig, administered: Administered): Promise<AdminDoor | undefined> {
  const { node, listener, world, log, certificate, audit } = administered
  const { mailboxQuota, blobLimits } = config
  const startedAt = world.clock.monotonic()
  const rooms: AdminRooms = {
    store: node.store,
    world,
    certificate,
    audit,
    endLogins(device) {
      node.endLogins(device)
    },
    upkeep: {
      backup: (file) => backupBeside(backupOrder(config, world, file)),
      check: () => checkBeside(databaseOf(config)),
    },
    numbers: () => ({
      connections: listener.stats().established,
      longPolls: node.waiting(),
      uptimeSeconds: Math.round((world.clock.monotonic() - startedAt) / 1000),
      mailboxMessagesMax: mailboxQuota.rows,
      mailboxBytesMax: mailboxQuota.bytes,
      fileBytesMax: blobLimits.bytesMax,
      fileBytesPerAccountMax: blobLimits.quotaBytes,
    }),
  }
  return openAdminDoor(config.dataDir, rooms, log).catch((error: unknown) => {
    log.warn({ error }, "nobody can administer this server while it runs")
    return undefined
  })
}

export const databaseOf = ({ databasePath, databaseKey }: ServerConfig): DatabaseFile => ({
  path: databasePath,
  ...(databaseKey && { key: databaseKey }),
})

export const backupOrder = (config: ServerConfig, { clock }: World, file: string): BackupOrder => ({
  source: databaseOf(config),
  file,
  files: ownFiles(config),
  now: clock.now(),
  version: packageVersion(),
})
