import { defaultSolver, defaultStopping } from '../factorization/model';
import { defaults, devices, schedules } from './options';

export const help = `Usage: factorlens FILE [options]

Factorizes a table (CSV, TSV, …) or an image, X ≈ W·H, and writes FILE.factors.npz,
which numpy.load and the Factorlens inspector open.

Objective: Σ(X−WH)² + λW·ΣW² + λH·ΣH² + μW·Σ|W| + μH·Σ|H| over the observed entries
  --rank N             columns of W and rows of H (${defaults.rank})
  --l1 μW,μH           L1 penalties; one number stands for both factors (0)
  --l2 λW,λH           L2 penalties; one number stands for both factors (0)

Solver
  --solver NAME        ngd, normalised gradient descent
  --rate β             its step length (${defaultSolver.rate})
  --schedule NAME      ${schedules.join(', ')} (${defaultSolver.schedule})
  --step NAME          relative to the factor's norm, or absolute (${defaultSolver.stepLength})
  --restarts N         random starts; the best is kept (${defaults.restarts})
  --iterations N       at most, of each restart (${defaultStopping.iterations})
  --tolerance T        settled once the objective stays within this fraction of itself; 0 never (${defaultStopping.tolerance})
  --seed N             the same seed gives the same numbers (${defaults.seed})
  --device NAME        ${devices.join(', ')} (${defaults.device})

Table
  --columns A,B        only these columns; "…" around a name that holds a comma
  --exclude C,D        all but these
  --label E            the column that names the rows

Output
  --out FILE           where to write the factors (FILE.factors.npz beside the input)
  --json               one JSON object on standard output instead of a summary
  --trace              with --json: the objective along the best restart
  --quiet              neither progress nor summary
  -h, --help           this text
  --version            the version

Ctrl-C stops and writes what there is; a second Ctrl-C gives up and writes nothing.
FACTORLENS_LOG=1 in the environment shows the worker's log on standard error.

Exit codes: 0 done; 1 a fault of Factorlens; 2 a wrong option or bad input, nothing written;
3 the computing process crashed; 130 interrupted (143 by SIGTERM).
`;
