/** Profiles of earlier versions: what is in them, written before the newest migrations. */
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { olderDatabase } from "./older-database.ts"

/**
 * @param before number of the first migration that it does not have, such as "0010".
 * @returns path of the closed file.
 */
export const olderProfile = (before: string, key: Uint8Array, fill: (db: SqliteDatabase) => void): string =>
  olderDatabase({ side: "client", has: (name) => name < before, key }, fill)
