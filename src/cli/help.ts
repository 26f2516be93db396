import { deviceChoices } from '../factorization/devices';
import { namedSolvers, normalizedGradient, solverIds } from '../model/solvers';
import { defaultStopping } from '../model/stopping';
import { centrings, scalings } from '../factorization/preparation/kinds';
import { noPreparation } from '../model/preparation';
import { presetIds } from '../model/presets';
import { combinations, constraintNames } from './constraint';
import { losses, schedules } from './method';
import { defaults } from './options';
import { usualText } from '../data/text/options';
import { namedStarts } from './selection';

const [firstLosses, lastLosses] = [losses.slice(0, 4).join(', '), losses.slice(4).join(', ')];

export const help = `Usage: factorlens FILE [options]

Factorizes a table (CSV, TSV, …), an image or a folder of images, X ≈ W·H, and writes FILE.factors.npz,
which numpy.load and the Factorlens inspector open.

Objective: Σ(X−WH)² + λW·ΣW² + λH·ΣH² + μW·Σ|W| + μH·Σ|H| over the observed entries
  --rank N             columns of W and rows of H (${defaults.rank}); auto chooses by cross-validation, and
                       tells what each rank explains and whether its fits agree
  --preset NAME        a model by name, to which the options below are changes:
                       ${presetIds.join(', ')}
  --loss NAME          instead of the square: ${firstLosses},
                       ${lastLosses}
  --delta δ            where the huber loss turns from square to linear (auto: from the residuals)
  --constrain CW,CH    what the factors' entries may be; one name stands for both (none):
                       ${constraintNames.join(', ').replace('box', 'box:LEAST:MOST')},
                       ${combinations.join(', ')}
                       (components at most 1 long: unit-ball; of length 1: unit-norm; rows with sum 1: simplex)
  --nonnegative WHICH  the same for signs alone: none, W, H or both (none)
  --l1 μW,μH           L1 penalties; one number stands for both factors, or for the one that the preset penalises (0)
  --l2 λW,λH           L2 penalties; one number stands for both factors (0)
  --group γW,γH        penalties on the lengths of components, which switch off whole ones (0)
  --smooth σW,σH       penalties on Σ(difference of neighbours)², down W's columns and along H's rows (0)
  --orthogonal ωW,ωH   penalties on the squared inner products of different components (0)

Images, one or a folder of them (a row of the matrix each; of one size)
  --image NAME         gray, channels (red, green and blue side by side) or patches (gray)
  --patch P,STRIDE     patches of P×P pixels, in colour: every STRIDE pixels or, without it, anywhere,
                       at most 20000; their means are subtracted where the model allows

Text as a matrix of documents and terms: a .txt file, .jsonl, a table's column, a folder of .txt files
  --text WHAT          the column or field that holds the text, or lines: a document a line
  --min-df N           terms in fewer documents are left out; below 1 a part of them (${usualText.minimum})
  --max-df N           terms in more documents are left out; up to 1 a part of them (${usualText.maximum})
  --stop-words NAME    left out as well: auto (by language), none, en, de, fr, es (auto)

Preparation, undone in reconstructions
  --center WHICH       subtract the mean: ${centrings.join(', ')} (${noPreparation.centre})
  --scale NAME         ${scalings.join(', ')}; zscore,rows scales
                       rows and unit-norm,columns columns (${noPreparation.scale.kind})

Solver
  --solver NAME        ${solverIds.join(', ')}
                       (auto: what suits the objective)
  --rate β             step length of ngd (${namedSolvers.ngd.rate}), adam (${namedSolvers.adam.rate}) or momentum (${namedSolvers.momentum.rate})
  --schedule NAME      of ngd's rate: ${schedules.join(', ')} (${normalizedGradient.schedule})
  --step NAME          of ngd: relative to the factor's norm, or absolute (${normalizedGradient.stepLength})
  --restarts N         random starts; the best is kept, and how far they agree is told (${defaults.restarts})
  --init NAME          where they begin: ${namedStarts.join(', ')},
                       or a .factors.npz file (random)
  --holdout F          a part of the entries, such as 0.1, that the fit does not see and is judged on
  --iterations N       at most, of each restart (${defaultStopping.iterations})
  --tolerance T        converged within about this fraction of the objective; 0 never (${defaultStopping.tolerance})
  --time-limit S       seconds for all of the computing; the best so far is kept (none)
  --seed N             the same seed gives the same numbers (${defaults.seed})
  --diagnose HOW       what is found out about the result once its factors are written: none, full, or
                       auto: what can be in as long as the run took (auto)
  --device NAME        ${deviceChoices.join(', ')} (${defaults.device})

Table
  --columns A,B        only these columns; "…" around a name that holds a comma. Patterns such as
                       'pixel_*' and kinds (type:number, type:text) leave identifiers out, names do not
  --exclude C,D        all but these
  --label E            the column that names the rows
  --delimiter C        comma, semicolon, tab, space, bar or a character (guessed)
  --header WHICH       yes or no: whether the first row names the columns (guessed)
  --skip N             lines above the table that are no part of it (guessed)
  --missing A,B        cells that mean "not observed" besides the usual ones, such as -999
  --detection-limit W  what a cell such as <0.5 is: missing, or half of the limit (missing)
  --encoding NAME      of text that is not UTF-8, such as windows-1251 (guessed)
  --weights FILE       a weight for every entry (CSV or NumPy), at least 0; 0 means not observed
  --long U,I,R         each line is an entry: row U, column I, value R; a fourth column weighs it

Use of a result: of FILE's at once, or of a saved one, RESULT.factors.npz in place of FILE
  --fill OUT           the data with what is missing filled in, as .csv or .npy
  --reconstruct OUT    X̂ in the data's units; --components K of the K components that add most
  --anomalies OUT      the rows by their error, worst first
  --nearest ROW,N      the N rows nearest to a row, by label or number, in factor space
  --data FILE          the data of a saved result (found beside it under its name)
  --transform RESULT   W of FILE's rows with that result's H fixed; columns are matched by name,
                       and --out names the .csv or .npy file (FILE.W.csv)

Output
  --out FILE           where to write the factors (FILE.factors.npz beside the input)
  --json               one JSON object on standard output instead of a summary
  --trace              with --json: the objective along the best restart
  --quiet              neither progress nor summary
  -h, --help           this text
  --version            the version

Ctrl-C stops and writes what there is; a second Ctrl-C gives up and writes nothing more.
FACTORLENS_LOG=1 in the environment shows the worker's log on standard error.

Exit codes: 0 done; 1 a fault of Factorlens; 2 a wrong option or bad input, nothing written;
3 the computing process crashed; 130 interrupted (143 by SIGTERM).
`;
