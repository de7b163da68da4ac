/** Brings a database up to the migrations of a folder, in a process that may be killed. Arguments: path, folder, key in hex. */
import { openDatabase } from "../../core/sqlite/open.ts"

const [path = "", migrations = "", hexKey] = process.argv.slice(2)
const key = hexKey === undefined ? undefined : new Uint8Array(Buffer.from(hexKey, "hex"))
openDatabase({ path, migrations, ...(key && { key }) }).close()
