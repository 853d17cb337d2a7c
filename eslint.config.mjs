import tseslint from "typescript-eslint";
import { roomsRule } from "./scripts/eslint/rooms.mjs";

export default tseslint.config(
  {
    ignores: [
      "dist/**",
      ".cache/**",
      "node_modules/**",
      "test-results/**",
      "test/fixtures/**",
      "samples/**",
      "specimen/work/**",
      "media/**",
    ],
  },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { vitrine: { rules: { rooms: roomsRule } } },
    rules: {
      "vitrine/rooms": "error",
      // The few rules that need types: a forgotten promise is an error nobody sees.
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      // The compiler says it already (noUnusedLocals), and knows about types.
      "@typescript-eslint/no-unused-vars": "off",
      "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "Named exports only." }],
      "no-empty": ["error", { allowEmptyCatch: false }],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
);
