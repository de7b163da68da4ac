/** The server that is measured: a process of its own in a folder, without limits. */
import { join } from "node:path"
import { realWorld } from "../../core/domain/world.ts"
import { startServer } from "../../tui/server-child.ts"
import type { StartedServer } from "../../tui/server-child.ts"

export const benchServer = (folder: string): Promise<StartedServer> =>
  startServer(
    {
      dataDir: join(folder, "server"),
      listen: "127.0.0.1:0",
      health: "127.0.0.1:0",
      detached: false,
      more: ["--rate-limit", "off"],
    },
    { world: realWorld, execPath: process.execPath, env: process.env },
  )
