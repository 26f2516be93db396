import { grad, type Node } from '../../engine';
import type { Model } from '../../model/model';
import { smoothObjective, type ObjectiveVariables } from '../objective/objective';
import type { FactorName } from '../objective/penalties';

/**
 * Gradient of the smooth objective in one factor at `point`, the other held fixed: also where the other has just been
 * computed from this one.
 */
export function blockGradient(model: Model, variables: ObjectiveVariables, name: FactorName, point: Node): Node {
  const other = name === 'W' ? variables.H : variables.W;
  const objective = smoothObjective(model, { ...variables, [name]: point });
  return grad(objective, [point] as const, { considerConstant: [other] })[0];
}
