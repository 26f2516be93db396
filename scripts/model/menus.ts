import { extensions } from '../../src/data/extensions';

export type Menus = Record<string, { command: string; when?: string; group?: string }[]>;

/** The menus of the manifest, with the extensions of the files that are read in every `when` that asks for one. */
export function menusOf(present: Menus): Menus {
  const pattern = `/^\\.(${extensions.map((extension) => extension.slice(1)).join('|')})$/i`;
  return Object.fromEntries(
    Object.entries(present).map(([place, items]) => [
      place,
      items.map((item) =>
        item.when === undefined
          ? item
          : { ...item, when: item.when.replace(/resourceExtname =~ \/.*?\/i/, () => `resourceExtname =~ ${pattern}`) },
      ),
    ]),
  );
}
