import { element, labelled } from '../dom';
import { formatCount, formatNumber } from '../format';
import { type Axis, type HeatmapData, numberOf, type Selection } from './data';

/** Row, column and value of the cell that is pointed at, beside it. */
export class Tooltip {
  readonly node = element('div', { className: 'tooltip', attributes: { role: 'tooltip', hidden: '' } });

  show({ rows, columns, matrix }: HeatmapData, selection: Selection, x: number, y: number, width: number): void {
    const line = (noun: string, name: string, number: string): HTMLElement[] => [
      element('dt', { text: noun }),
      element('dd', {}, labelled(name, 'name'), element('span', { className: 'number', text: number })),
    ];
    const side = (axis: Axis, index: number): HTMLElement[] => {
      const number = formatCount(numberOf(axis, index));
      const label = axis.labels?.[index];
      return label === undefined ? line(axis.noun, number, '') : line(axis.noun, label, `no. ${number}`);
    };
    this.node.replaceChildren(
      element(
        'dl',
        {},
        ...side(rows, selection.row),
        ...side(columns, selection.column),
        ...line('value', formatNumber(selection.value, 5), ''),
      ),
    );
    if (selection.among > 1) {
      this.node.append(element('p', { text: `the largest of ${formatCount(selection.among)} cells in this pixel` }));
    }
    if (matrix.rowStep > 1 || matrix.columnStep > 1) {
      this.node.append(element('p', { text: 'thinned while it runs' }));
    }
    this.node.hidden = false;
    // Beside the cell, on the side that has room.
    const own = this.node.getBoundingClientRect();
    const left = x + 14 + own.width <= width ? x + 14 : x - 14 - own.width;
    this.node.style.left = `${Math.max(0, Math.min(left, width - own.width))}px`;
    this.node.style.top = `${Math.max(0, y - own.height - 8)}px`;
  }

  hide(): void {
    this.node.hidden = true;
  }
}
