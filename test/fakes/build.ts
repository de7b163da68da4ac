/** Before all tests: the programs that some of them run are built, if the sources have changed since. */
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { packageRoot } from "../../core/domain/package-root.ts"

export default function build(): void {
  const script = join(packageRoot(), "scripts/build.mjs")
  const { status } = spawnSync(process.execPath, [script, "--if-needed"], { cwd: packageRoot(), stdio: "inherit" })
  if (status !== 0) throw new Error("the programs cannot be built")
}
