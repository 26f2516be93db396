import { combinationsOf } from '../../src/model/constraints';
import type { Field, Fields } from '../../src/model/fields';
import { centring } from '../../src/model/preparation';
import { typedSchemaOf } from '../../src/model/schema';
import { wantedBy } from '../../src/untrusted/schema';
import { automatic } from '../../src/model/solvers';
import { vocabulary, type Vocabulary } from '../../src/model/vocabulary';

/** The page that lists all that can be asked of a factorization, in Markdown. */
export function referenceOf(words: Vocabulary = vocabulary): string {
  const { losses, penalties, constraints, solvers, presets, scalings, starts, stopping, run } = words;
  return [
    '# Reference',
    'All that can be asked of a factorization, by the names that the command line and saved results have for it. This page is written by `npm run format` from the records in `src/model/`.',
    'What is minimised is the sum of the loss over the observed entries, plus the weight of each penalty times its term: a sum, neither halved nor averaged. x is an entry of X and y one of W·H, F a factor, and a component is a column of W, a row of H.',
    '## Losses',
    table(
      ['`--loss`', 'of an entry', 'for', 'needs'],
      Object.entries(losses).map(([kind, { entry, detail, domain, nonNegative, link }]) => [
        code(kind),
        entry,
        detail,
        [
          ...(domain ? [domain.words] : []),
          ...(nonNegative ? ['W, H ≥ 0'] : []),
          ...(link === undefined ? [] : [`the mean of X is ${link}`]),
        ].join('; '),
      ]),
    ),
    optionsOf('loss', losses),
    '## Penalties',
    table(
      ['option', 'penalty', 'term in W', 'term in H', 'does'],
      Object.values(penalties).map(({ label, formula, detail, weight }) => [
        weight.option ? code(`--${weight.option.name} ${weight.option.value}`) : '',
        label,
        formula.W,
        formula.H,
        detail,
      ]),
    ),
    '## Constraints',
    table(
      ['`--constrain`', 'constraint', 'means', 'in the objective'],
      [
        ...Object.entries(constraints).map(([kind, { label, detail, formula = '' }]) => [
          code(kind),
          label,
          detail,
          formula,
        ]),
        ...combinationsOf(constraints).map((id) => {
          const { label, withSign, formula } = constraints[id.replace('non-negative+', '')] ?? {};
          return [code(id), `Non-negative, ${label ?? ''}`, withSign ?? '', `F ≥ 0, ${formula ?? ''}`];
        }),
      ],
    ),
    optionsOf('constraint', constraints),
    '## Presets',
    table(
      ['`--preset`', 'name', 'objective', 'for', 'setting of its weight'],
      Object.entries(presets).map(([id, { label, description, detail, weight }]) => [
        code(id),
        label,
        description,
        detail,
        weight ? code(`factorlens.${weight.setting}`) : '',
      ]),
    ),
    '## Preparation',
    table(
      ['`--center`', 'does'],
      Object.entries(centring.names).map(([name, sentence]) => [code(name), sentence]),
    ),
    table(
      ['`--scale`', 'does', 'along'],
      Object.entries(scalings).map(([kind, { detail, options }]) => {
        const axis = options?.['axis'];
        return [code(kind), detail, axis?.kind === 'choice' ? `rows or columns (${axis.default})` : ''];
      }),
    ),
    '## Solvers',
    table(
      ['`--solver`', 'name', 'for', 'does'],
      [
        [code(automatic.id), '', '', automatic.detail],
        ...Object.entries(solvers).map(([id, { label, detail, method }]) => [
          code(id),
          label,
          detail === '.' ? '' : detail,
          method,
        ]),
      ],
    ),
    optionsOf('solver', solvers),
    '## Starts',
    table(
      ['`--init`', 'does'],
      Object.entries(starts).map(([kind, { detail, byFile }]) => [
        byFile ? 'a `.factors.npz` file' : code(kind),
        detail,
      ]),
    ),
    '## Stopping, and the run',
    fieldsTable([...fieldRows('', stopping), ...fieldRows('', run)], false),
  ]
    .filter((part) => part !== '')
    .map((part) => `${part}\n`)
    .join('\n');
}

const code = (text: string): string => `\`${text}\``;

/** The options of some records, a row each; nothing where none has any. */
function optionsOf(what: string, records: Readonly<Record<string, { options?: Fields }>>): string {
  const rows = Object.entries(records).flatMap(([name, { options }]) => fieldRows(code(name), options ?? {}));
  return rows.length === 0 ? '' : fieldsTable(rows, true, what);
}

function fieldsTable(rows: readonly string[][], owned: boolean, what = ''): string {
  const head = ['field', 'what it is', 'may be', 'default', 'option', 'setting'];
  return owned
    ? table([what, ...head], rows)
    : table(
        head,
        rows.map((row) => row.slice(1)),
      );
}

const fieldRows = (owner: string, fields: Fields): string[][] =>
  Object.entries(fields).map(([name, field]) => [
    owner,
    code(name),
    meaningOf(field),
    wantedBy(typedSchemaOf(field)),
    defaultOf(field),
    field.option ? code(`--${field.option.name}`) : '',
    field.setting ? code(`factorlens.${field.setting.name}`) : '',
  ]);

function meaningOf({ noun, sentence, setting, option }: Field): string {
  // Links between settings are the editor's alone.
  const words =
    sentence ??
    setting?.words.replace(/`#(.*?)#`/g, '`$1`').replaceAll('*', '') ??
    (option && !option.help.includes('{') ? option.help : noun);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`.replace(/\.$/, '');
}

function defaultOf(field: Field): string {
  if (field.kind === 'mark' || 'optional' in field) return 'none';
  return field.kind === 'number' && field.auto !== undefined ? 'from the data' : String(field.default);
}

/** A table of Markdown. */
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escaped).join(' | ')} |`).join('\n');

/** In a table a bar ends a cell, and a star or an angle bracket has a meaning of its own. */
const escaped = (cell: string): string => cell.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('<', '\\<');
