import eslint from "@eslint/js"
import { defineConfig } from "eslint/config"
import reactHooks from "eslint-plugin-react-hooks"
import tseslint from "typescript-eslint"

const mains = [
  "server/main.ts",
  "tui/cli/main.ts",
  "tui/screen/main.tsx",
  "tui/core-worker.ts",
  "server/store/store-worker.ts",
]

export default defineConfig(
  { ignores: ["dist/", "node_modules/", "coverage/", "core/wire/generated/", "**/*.cjs"] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["*.js", "scripts/*.mjs", "core/*.mjs"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: "error",
      "@typescript-eslint/require-await": "off",
      "no-console": "error",
      "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 70, skipBlankLines: true, skipComments: true, IIFEs: true }],
      complexity: ["error", 12],
      "max-params": ["error", 4],
      "max-depth": ["error", 3],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { requireDefaultForNonUnion: true }],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidOperator: true },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "no-restricted-syntax": [
        "error",
        {
          selector: "ThrowStatement > NewExpression[callee.name='Error']",
          message: "throw new QpqError(code, detail): every failure has a code.",
        },
        { selector: "ExportAllDeclaration", message: "No barrels: import from the file that owns the name." },
        { selector: "ExportDefaultDeclaration", message: "Named exports only." },
        {
          selector: "ImportSpecifier[imported.name=/^generateKeyPair/]",
          message: "Draw random bytes and import them: docs/decisions/0009.",
        },
      ],
    },
  },
  {
    files: ["core/**", "server/**", "tui/**"],
    ignores: [...mains, "core/domain/world.ts"],
    rules: {
      "no-restricted-globals": [
        "error",
        { name: "process", message: "Environment and exit belong to main.ts." },
        { name: "setTimeout", message: "Use world.clock." },
        { name: "setInterval", message: "Use world.clock." },
        { name: "crypto", message: "Use world.random or core/crypto." },
      ],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "Use world.clock.now." },
        {
          object: "AbortSignal",
          property: "timeout",
          message: "Use abortedAfter: this one may never fire in Node 20.",
        },
        { object: "Math", property: "random", message: "Use world.random.bytes." },
      ],
    },
  },
  { files: ["**/*.tsx"], plugins: { "react-hooks": reactHooks }, rules: reactHooks.configs.recommended.rules },
  {
    files: ["test/**", "scripts/**"],
    rules: {
      "max-lines-per-function": "off",
      "no-restricted-syntax": "off",
      "no-console": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["*.js", "**/*.mjs", "vitest.config.ts"],
    extends: [tseslint.configs.disableTypeChecked],
    rules: {
      "no-restricted-syntax": "off",
      "no-console": "off",
      "no-undef": "off",
      "@typescript-eslint/explicit-module-boundary-types": "off",
      "max-lines-per-function": "off",
    },
  },
)
