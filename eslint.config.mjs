// Rules that find bugs. How code looks is Prettier's business, and numeric code is left to look like its formulas.
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { importDirections } from './scripts/lint/import-directions.mjs';
import { largeArrays } from './scripts/lint/large-arrays.mjs';
import { messageDoors } from './scripts/lint/message-doors.mjs';
import { writtenPaths } from './scripts/lint/written-paths.mjs';

export default defineConfig(
  globalIgnores(['dist/', 'node_modules/', '.vscode-test/', 'samples/', 'test/data/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: ['error', 'always'],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-implicit-coercion': ['error', { allow: ['!!'] }],
      'no-loss-of-precision': 'off', // constants keep the digits of their source
      'no-param-reassign': ['error', { props: false }],
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      'no-unreachable-loop': 'error',
      'prefer-const': 'error',
      'no-control-regex': 'off', // terminal sequences are control characters
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: {
      factorlens: {
        rules: {
          'import-directions': importDirections,
          'large-arrays': largeArrays,
          'message-doors': messageDoors,
          'written-paths': writtenPaths,
        },
      },
    },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'factorlens/import-directions': ['error', { root: import.meta.dirname }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/require-await': 'off', // an implementation may have nothing to wait for
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/prefer-nullish-coalescing': 'error',
      // Indices into typed arrays are checked where they are made; the compiler cannot see it.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Interfaces here are written as methods whether they use `this` or not, which is all that this rule goes by.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // A class may be a namespace of one factory, and an interface may be wider than today's use.
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      // The narrowest type of a literal union is often wanted for what it says to the reader.
      '@typescript-eslint/no-redundant-type-constituents': 'off',
    },
  },
  {
    // An interface that is merged with a class repeats the class's type parameters, whether it needs them or not.
    files: ['src/engine/fluent.ts'],
    rules: { '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^O$' }] },
  },
  {
    // The rooms of the ways themselves, and that of devices, whose only files are those of its own folder.
    files: ['src/**/*.ts'],
    ignores: ['src/editor/**', 'src/untrusted/**', 'src/devices/**', 'src/files/**'],
    rules: { 'factorlens/message-doors': 'error', 'factorlens/written-paths': 'error' },
  },
  { files: ['src/**/*.ts', 'webview/**/*.ts'], rules: { 'factorlens/large-arrays': 'error' } },
  { files: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'], languageOptions: { globals: globals.node } },
  {
    files: ['webview/**/*.ts', 'test/ui/page/stand-in/**/*.ts'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: false, project: 'webview/tsconfig.json' },
    },
  },
  {
    // The command line, the tools and the tests write to the console.
    files: ['src/cli.ts', 'src/cli/**/*.ts', 'bench/**', 'scripts/**', 'esbuild.js'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off', // a test also asks what the types rule out
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
  {
    files: ['**/*.cjs', 'esbuild.js', 'test/support/fixture-extension/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: globals.node },
  },
);
