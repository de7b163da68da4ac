/** What a profile lies on: plain tables, of which a power cut takes the last, or a real database in a folder of its own. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import { memoryStore } from "../../core/store/memory-store.ts"
import { copyOf, memoryTables } from "../../core/store/memory-tables.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"

export interface Disk {
  /** As one program opens it; the same profile for all. */
  open(): ClientStore
  /** What was written so far survives a power cut. */
  keep(): void
  /** No program has it open. */
  losePower(): void
  /** The profile as it is now. @returns what brings it back, while no program has it open. */
  backup(): () => void
  remove(): void
}

export function memoryDisk(): Disk {
  let tables = memoryTables()
  let durable = copyOf(tables)
  return {
    open: () => memoryStore(tables),
    keep: () => {
      durable = copyOf(tables)
    },
    losePower: () => {
      tables = copyOf(durable)
    },
    backup: () => {
      const copy = copyOf(tables)
      return () => {
        tables = copyOf(copy)
        durable = copyOf(copy)
      }
    },
    remove: () => undefined,
  }
}

const KEY_BYTES = 32
const folders = new Set<string>()
process.on("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Power cuts take nothing here: what the operating system holds back is not simulated. */
export function sqliteDisk(): Disk {
  const folder = mkdtempSync(join(tmpdir(), "qpq-sim-"))
  folders.add(folder)
  const path = join(folder, "profile.db")
  const key = new Uint8Array(KEY_BYTES).fill(1)
  let copies = 0
  return {
    open: () => sqliteStore(openDatabase({ path, migrations: migrationsFolder("client"), key })),
    keep: () => undefined,
    losePower: () => undefined,
    backup: () => {
      const copy = join(folder, `copy-${copies++}.db`)
      copyFiles(path, copy)
      return () => {
        copyFiles(copy, path)
      }
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
      folders.delete(folder)
    },
  }
}

/** The database and what is not yet in it; the index of that is made anew. */
function copyFiles(from: string, to: string): void {
  rmSync(`${to}-shm`, { force: true })
  for (const part of ["", "-wal"]) {
    rmSync(to + part, { force: true })
    if (existsSync(from + part)) copyFileSync(from + part, to + part)
  }
}
