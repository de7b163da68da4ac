/** Backups, restores, checks and new keys: what is done to the data folder, with or without a server that runs on it. */
import { existsSync, statSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { hasCode, QpqError } from "../core/domain/errors.ts"
import { realWorld } from "../core/domain/world.ts"
import { claimDatabase } from "../core/sqlite/claim.ts"
import { administer } from "./admin.ts"
import type { ServerConfig, UpkeepOrder } from "./config.ts"
import { databaseKey } from "./config-values.ts"
import { ADMIN_COMMANDS } from "./ops/admin-commands.ts"
import type { AdminRow } from "./ops/admin-commands.ts"
import { backupOrder, databaseOf } from "./ops/administration.ts"
import { rekeyDatabase, restoreBackup } from "./ops/restore.ts"
import { checkStore, makeBackup } from "./store/backup.ts"

/** @throws E070 and what the command refuses with. */
export async function keepUp(order: UpkeepOrder, print: (line: string) => void): Promise<void> {
  const { command, args, json } = order
  const tell = (row: AdminRow, line: string): void => {
    print(json ? JSON.stringify(row) : line)
  }
  if (command === "restore") {
    restore(order.config(), fileIn(args), tell)
    return
  }
  if (command === "rekey") {
    rekey(order.config(), fileIn(args), tell)
    return
  }
  const asked = command === "backup" ? [fileIn(args)] : args
  try {
    if (asked[0] !== undefined) refuseFolder(asked[0])
    await administer({ dataDir: order.dataDir, command, args: asked, json }, print)
  } catch (thrown) {
    if (!hasCode(thrown, "E053")) throw thrown
    alone(order.config(), { command, args: asked }, tell)
  }
}

type Tell = (row: AdminRow, line: string) => void

/** No server runs there: the same, in this process. */
function alone(config: ServerConfig, { command, args }: Pick<UpkeepOrder, "command" | "args">, tell: Tell): void {
  const source = databaseOf(config)
  if (!existsSync(source.path)) throw new QpqError("E072", `${source.path} is not there`)
  const claim = claimDatabase(source.path)
  try {
    if (command === "backup") {
      const report = makeBackup(backupOrder(config, realWorld, args[0] ?? ""))
      tell({ ...report }, ADMIN_COMMANDS["backup"]?.line({ ...report }) ?? "")
      return
    }
    if (args.length > 0) throw new QpqError("E070", `check takes no ${args[0]}`)
    const faults = checkStore(source)
    for (const fault of faults) tell({ fault }, fault)
    if (faults.length > 0) throw new QpqError("E060", `${faults.length} found`)
    tell({ faults: 0 }, ADMIN_COMMANDS["check"]?.line({ faults: 0 }) ?? "")
  } finally {
    claim.release()
  }
}

function restore(config: ServerConfig, file: string, tell: Tell): void {
  if (!existsSync(file)) throw new QpqError("E072", `${file} is not there`)
  const { databasePath: database, dataDir } = config
  const { random } = realWorld
  const { madeAt, files } = restoreBackup({ backup: { ...databaseOf(config), path: file }, database, dataDir, random })
  const names = Object.keys(files)
  const from = madeAt === undefined ? "a database that no backup command made" : `the backup of ${madeAt}`
  const certificate =
    names.length > 0 ? `with ${names.join(", ")}` : "without a certificate: clients know the server by the one it had"
  tell({ database, madeAt: madeAt ?? "", files: names.join(" ") }, `${database}: ${from}, ${certificate}`)
}

function rekey(config: ServerConfig, file: string, tell: Tell): void {
  const database = config.databasePath
  rekeyDatabase(databaseOf(config), databaseKey(file))
  tell({ database }, `${database} opens with the key in ${file} from now on, and with no other`)
}

function fileIn(args: readonly string[]): string {
  const [file, ...more] = args
  if (file === undefined) throw new QpqError("E070", "FILE is missing")
  if (more.length > 0) throw new QpqError("E070", `one FILE, and no ${more[0]}`)
  return resolve(file)
}

/** SQLite would only say that it cannot open it. @throws E072 */
function refuseFolder(file: string): void {
  const folder = dirname(file)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new QpqError("E072", `${folder} is no folder`)
}
