/** Finds the package's own folder, from sources and from dist/ alike: migrations/ and package.json live there. */
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { QpqError } from "./errors.ts"

/** @returns the nearest folder above this file that holds a package.json. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, "package.json"))) {
    const above = dirname(folder)
    if (above === folder) throw new QpqError("E072", "package.json of qpq-tui not found")
    folder = above
  }
  return folder
}

export const migrationsFolder = (side: "node" | "client"): string => join(packageRoot(), "migrations", side)

/** The version in package.json. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8"))
  const version =
    typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : undefined
  if (typeof version !== "string") throw new QpqError("E072", "package.json has no version")
  return version
}
