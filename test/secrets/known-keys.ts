/** The keys that the journey made, read out of profiles and server with the program's own stores. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { unwrapDatabaseKey } from "../../core/crypto/passphrase-key.ts"
import { utf8 } from "../../core/domain/bytes.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import { openProfile } from "../rough/profile-record.ts"
import { keyCanary } from "./canary.ts"
import type { Canary } from "./canary.ts"
import type { Scene, Someone } from "./scene.ts"

/** What opens an account or a session. */
const SECRET_SETTINGS = ["account-seed", "device-seed", "access-token", "refresh-token"]
/** x25519(32) ‖ ML-KEM seed(64); the public record follows. */
const HYBRID_SECRET_BYTES = 96

/** Seeds, tokens, the database's key, private keys of envelopes and KeyPackages. */
export async function keysOf(scene: Scene, { name, password }: Someone): Promise<readonly Canary[]> {
  const home = scene.home(name)
  const text = password.bytes.toString()
  const databaseKey = await unwrapDatabaseKey(new Uint8Array(readFileSync(join(home, "profile.key"))), utf8(text))
  const store = sqliteStore(await openProfile({ name, home, password: text }))
  try {
    const [keyPackage] = store.keyPackages()
    return [
      keyCanary(`database key of ${name}`, "secret", databaseKey),
      ...SECRET_SETTINGS.map((setting) => keyCanary(`${setting} of ${name}`, "secret", store.setting(setting))),
      ...store
        .hybridKeys()
        .map(({ privateKey }) =>
          keyCanary(`envelope key of ${name}`, "secret", privateKey.subarray(0, HYBRID_SECRET_BYTES)),
        ),
      keyCanary(`private KeyPackage of ${name}`, "secret", keyPackage?.privateBytes.subarray(2)),
    ]
  } finally {
    store.close()
  }
}

/** What the server answers logins with: on its disk and nowhere else. */
export function opaqueSetup(scene: Scene): Canary {
  const db = openDatabase({ path: join(scene.dataDir, "node.sqlite"), migrations: migrationsFolder("node") })
  try {
    const value = db.prepare("SELECT value FROM settings WHERE name = 'opaque-setup'").pluck().get()
    return keyCanary("OPAQUE setup", "server", value as Uint8Array)
  } finally {
    db.close()
  }
}
