#!/usr/bin/env bash
# Generates core/wire/generated from schemas/*.capnp. Needs Debian's capnproto. Commit what it writes.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v capnp >/dev/null || { echo "capnp is missing: apt-get install capnproto" >&2; exit 69; }
out=core/wire/generated
mkdir -p "$out"
npx capnp-es schemas/*.capnp --src-prefix=schemas "-ots:$out" </dev/null
# The generator's output does not satisfy this project's strict compiler settings; its types are still used.
for schema in schemas/*.capnp; do
  sed -i '1i // @ts-nocheck' "$out/$(basename "$schema" .capnp).ts"
done
request() { capnp compile -o- --src-prefix=schemas "schemas/$1.capnp"; }
request node | node scripts/gen-shapes.mjs interface NodeService NODE >"$out/node-shapes.ts"
request app-message | node scripts/gen-shapes.mjs struct AppMessage APP_MESSAGE >"$out/app-message-shapes.ts"
