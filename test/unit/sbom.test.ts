/** The SBOM of a release is in the form that its readers know, and names all that ships. */
import { Spec, Validation } from "@cyclonedx/cyclonedx-library"
import { expect, test } from "vitest"
import { shippedPackages } from "../../scripts/licences.ts"
import { sbom } from "../../scripts/sbom.mjs"

interface Bom {
  readonly specVersion: string
  readonly metadata: { readonly component: { readonly name: string; readonly type: string } }
  readonly components: readonly { readonly name: string; readonly version: string; readonly purl: string }[]
}

const text = sbom()
const bom = JSON.parse(text) as Bom

test("it is what the schema of CycloneDX allows, and the schema finds a damaged one", async () => {
  expect(bom.specVersion).toBe(Spec.Version.v1dot5)
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5)
  expect(await validator.validate(text)).toBeNull()
  expect(await validator.validate(text.replace('"components"', '"parts"'))).not.toBeNull()
})

test("it describes this product, whatever the folder is called", () => {
  expect(bom.metadata.component).toMatchObject({ name: "qpq-tui", type: "application" })
})

test("it names every package that ships in its version, and none besides", () => {
  const named = bom.components.map(({ purl }) => decodeURIComponent(purl.split("?")[0] ?? ""))
  const shipped = shippedPackages().map(({ name, version }) => `pkg:npm/${name}@${version}`)
  expect(named.toSorted()).toEqual(shipped.toSorted())
})
