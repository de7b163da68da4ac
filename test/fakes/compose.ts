/** deploy/compose.yaml as its engine reads it, as far as it is written there. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "yaml"
import { packageRoot } from "../../core/domain/package-root.ts"

export interface Service {
  readonly image: string
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly tmpfs?: readonly string[]
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly build?: { readonly context: string; readonly dockerfile: string }
}

export interface Mount {
  /** A path in deploy/, or a volume's name. */
  readonly source: string
  readonly target: string
  readonly isFile: boolean
  readonly isReadOnly: boolean
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, null>>
}

export const DEPLOY = join(packageRoot(), "deploy")

/** Anchors and merges are resolved. */
export const composeFile = (): ComposeFile =>
  parse(readFileSync(join(DEPLOY, "compose.yaml"), "utf8"), { merge: true }) as ComposeFile

export const mountsOf = ({ volumes = [] }: Service): readonly Mount[] =>
  volumes.map((text) => {
    const [source = "", target = "", mode] = text.split(":")
    return { source, target, isFile: source.startsWith("."), isReadOnly: mode === "ro" }
  })

/** Instructions of deploy/Dockerfile, each on one line. */
export const dockerInstructions = (): readonly string[] =>
  readFileSync(join(DEPLOY, "Dockerfile"), "utf8")
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.replace(/\s+/g, " "))

/** What a COPY from another stage brings, by where it comes to be. */
export function imageFiles(): Readonly<Record<string, string>> {
  const copies = dockerInstructions().filter((line) => line.startsWith("COPY --from=build"))
  return Object.fromEntries(
    copies.flatMap((line) => {
      const paths = line.split(" ").slice(2)
      const to = paths.at(-1) ?? ""
      return paths.slice(0, -1).map((from) => {
        const path = from.replace(/^\/build\//, "")
        return [to.endsWith("/") ? to + path : to, path]
      })
    }),
  )
}
