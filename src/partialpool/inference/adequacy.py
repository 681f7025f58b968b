"""Coverage of the predictive intervals of a fit, and the shape of what it predicts.

Every measurement has a predictive interval. Under a right model a known share of the measurements
lies inside: of all of them, of each gene, of each cell line, of each replicate. A group is off if
its share differs from the expected one by more than chance explains and by more than a tolerance.
The shape of the distribution is checked by the same rule, on shares of the probability integral
transform (PIT), which is uniform under a right model.

**Chance.** Measurements that share an effect are not independent, and each of them has helped to
predict itself. Both follow from the leverage h of a measurement, the variance of its predicted mean
over that of the noise. In a linear model with Gaussian noise and covariance V of the predicted
means the errors have covariance s² I - V, so an error has variance s² (1 - h), and more
measurements lie inside than the interval's probability says. The squared correlations of n errors
sum to at most n h / (1 - h)², and those of what lies inside to no more, so that n measurements
count as n / (1 + h / (1 - h)²) independent ones. The range that chance explains is that of the
binomial distribution of so many, at the false-alarm rate divided by the number of levels and by
the number of groups in a level (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from partialpool.inference.fit_settings import PredictionSettings
from partialpool.models.noise import GAUSSIAN, Noise

Floats = npt.NDArray[np.float64]


#: Level -> the column of the groups in it.
LEVELS: Mapping[str, str] = MappingProxyType(
    {"gene": "hugo_symbol", "cell_line": "depmap_id", "replicate": "replicate_id"}
)
ALL, SHAPE = "all", "shape"
OK, TOO_FEW, TOO_MANY, NOT_JUDGED = "ok", "too few inside", "too many inside", "not judged"
#: Parts of a predictive distribution, by where they lie in it: the middle half, the outer 1 %, and
#: what is below its median.
MIDDLE, TAILS, BELOW = "middle half", "outer 1 %", "lower half"
BANDS: Mapping[str, float] = MappingProxyType({MIDDLE: 0.5, TAILS: 0.01, BELOW: 0.5})
PEAK, KURTOSIS = "peak of the density", "excess kurtosis"
#: How many families of checks share the false-alarm rate: all measurements, shape, each level.
N_FAMILIES = 2 + len(LEVELS)
#: A leverage of 1 leaves no error; a posterior that is not quite normal may seem to have more.
MAX_LEVERAGE = 0.99
#: Rows and grid points that the two densities are computed from: more changes no digit shown.
DENSITY_ROWS, DENSITY_POINTS = 20_000, 100


def adequacy_table(
    predictions: pd.DataFrame, settings: PredictionSettings, noise: Noise = GAUSSIAN
) -> pd.DataFrame:
    """Check the coverage of every gene, cell line and replicate, and the shape of the distribution.

    Parameters
    ----------
    predictions
        As ``prediction_table`` makes them.
    settings
        The probability of the intervals, the tolerances and the false-alarm rate.
    noise
        Distribution of the noise of the fit.

    Returns
    -------
    pd.DataFrame
        A row per check, the groups of a level worst first: ``level`` (``all``, ``gene``,
        ``cell_line``, ``replicate`` or ``shape``), ``label``, ``n_measurements``, ``mean_error``,
        ``rmse`` (log2 fold change), ``value`` (the share inside their intervals; of a shape, inside
        that part of their predictive distributions), ``expected``, ``expected_low``,
        ``expected_high`` and ``status`` (``ok``, ``too few inside`` or ``too many inside``). The
        last rows compare the peaks of the measured and the predicted density and the kurtosis of
        the errors with 0; they are not judged.
    """
    rows = _rows(predictions, settings.hdi_prob, noise)
    rate = settings.false_alarms / N_FAMILIES
    everything = rows.assign(label=ALL)
    levels = {ALL: everything} | {
        level: rows.assign(label=predictions[column]) for level, column in LEVELS.items()
    }
    checked = [
        _groups(table, rate, settings.coverage_tolerance).assign(level=level)
        for level, table in levels.items()
    ]
    shape = _shape(rows, rate, settings).assign(level=SHAPE)
    table = pd.concat([*checked, shape, _densities(predictions, rows, settings.hdi_prob, noise)])
    return table[
        [
            *("level", "label", "n_measurements", "mean_error", "rmse"),
            *("value", "expected", "expected_low", "expected_high", "status"),
        ]
    ].reset_index(drop=True)


def coverage_status(
    inside: pd.Series, low: npt.ArrayLike, high: npt.ArrayLike
) -> npt.NDArray[np.str_]:
    """Say of each count or share inside its intervals whether it is in the expected range."""
    return np.select([inside < low, inside > high], [TOO_FEW, TOO_MANY], OK)


def _rows(predictions: pd.DataFrame, prob: float, noise: Noise) -> pd.DataFrame:
    """Of each measurement its error, its leverage, and whether it lies inside its interval.

    ``expected`` is the probability of lying inside for a measurement that was fitted, and ``pit``
    the probability of a lower one.
    """
    width, width_of_mean = (2 * of.quantile((1 + prob) / 2) for of in (noise, GAUSSIAN))
    predicted = ((predictions["hdi_upper"] - predictions["hdi_lower"]) / width) ** 2
    of_mean = ((predictions["mu_hdi_upper"] - predictions["mu_hdi_lower"]) / width_of_mean) ** 2
    leverage = (of_mean / (predicted - of_mean).clip(lower=1e-12 * predicted)).clip(
        upper=MAX_LEVERAGE
    )
    scale = np.sqrt(predicted / (1 + leverage) * (1 - leverage))
    real = predictions["real_value"]
    pit = noise.cdf(-predictions["error"] / scale)
    # The normal score of the PIT, which is normal under a right model.
    score = special.ndtri(pit) if not noise.is_gaussian else -predictions["error"] / scale
    return pd.DataFrame(
        {
            "error": predictions["error"],
            "leverage": leverage,
            "inside": real.between(predictions["hdi_lower"], predictions["hdi_upper"]),
            "expected": 2 * noise.cdf(np.sqrt(predicted) * width / 2 / scale) - 1,
            "score": score,
            "pit": pit,
        }
    )


def _groups(rows: pd.DataFrame, rate: float, tolerance: float) -> pd.DataFrame:
    """Check the coverage of the groups of one level, by ``label``, worst first."""
    squares = rows.assign(rmse=rows["error"] ** 2)
    means = squares.rename(columns={"error": "mean_error", "inside": "value"})
    groups = means.groupby("label", observed=True)
    found = groups[["mean_error", "rmse", "value", "expected", "leverage"]].mean()
    found = found.assign(n_measurements=groups.size(), rmse=np.sqrt(found["rmse"]))
    chance = _by_chance(found, rate / len(found))
    judged = _judged(found, chance, _tolerated(found["expected"].to_numpy(), tolerance))
    worst = (judged["value"] - judged["expected"]).abs().sort_values(ascending=False, kind="stable")
    found = judged.loc[worst.index].reset_index()
    return found.astype({"label": "str"})


def _shape(rows: pd.DataFrame, rate: float, settings: PredictionSettings) -> pd.DataFrame:
    """Check which shares of the measurements lie in parts of their predictive distributions."""
    pit = rows["pit"]
    inside = {
        MIDDLE: pit.between(0.25, 0.75),
        TAILS: (pit - 0.5).abs() > (1 - BANDS[TAILS]) / 2,
        BELOW: pit < BANDS[BELOW],
    }
    found = pd.DataFrame(
        {
            "label": list(BANDS),
            "n_measurements": len(rows),
            "value": [float(inside[band].mean()) for band in BANDS],
            "expected": list(BANDS.values()),
            "leverage": rows["leverage"].mean(),
        }
    )
    factor = np.array([settings.tail_factor if b == TAILS else np.nan for b in BANDS])
    share = found["expected"].to_numpy()
    low = np.where(np.isnan(factor), share * (1 - settings.shape_tolerance), share / factor)
    high = np.where(np.isnan(factor), share * (1 + settings.shape_tolerance), share * factor)
    return _judged(found, _by_chance(found, rate / len(found)), (low, high))


def _by_chance(found: pd.DataFrame, rate: float) -> tuple[Floats, Floats]:
    """Range of shares that a right model leaves with probability ``rate`` at most."""
    leverage = found["leverage"].to_numpy()
    independent = found["n_measurements"].to_numpy() / (1 + leverage / (1 - leverage) ** 2)
    n = np.maximum(np.floor(independent), 1)
    low, high = inside_by_chance(n, found["expected"].to_numpy(), rate)
    return low / n, high / n


def inside_by_chance(
    n: npt.ArrayLike, prob: npt.ArrayLike, rate: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """How many of ``n`` independent values lie inside their intervals of ``prob``.

    Returns
    -------
    tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
        The ends, both included, of the central range of the binomial distribution. Outside it lies
        a share of ``rate`` at most.
    """
    from scipy.stats import binom  # here, as start-up of every kedro command would pay for it

    counts, share = np.asarray(n, dtype="float64"), np.asarray(prob, dtype="float64")
    low, high = (np.asarray(binom.ppf(at, counts, share)) for at in (rate / 2, 1 - rate / 2))
    return low.astype("int64"), high.astype("int64")


def _tolerated(expected: Floats, tolerance: float) -> tuple[Floats, Floats]:
    """Shares that are near enough: intervals as much too wide as too narrow."""
    low = np.maximum(expected - tolerance, 0)
    ends, low_ends = (special.ndtri((1 + share) / 2) for share in (expected, low))
    with np.errstate(divide="ignore"):
        return low, 2 * special.ndtr(ends**2 / low_ends) - 1


def _judged(
    found: pd.DataFrame, chance: tuple[Floats, Floats], tolerated: tuple[Floats, Floats]
) -> pd.DataFrame:
    """Compare shares with the wider range of what chance explains and what is tolerated."""
    low, high = np.minimum(chance[0], tolerated[0]), np.maximum(chance[1], tolerated[1])
    status = coverage_status(found["value"], low, high)
    return found.assign(expected_low=low, expected_high=high, status=status)


def _densities(
    predictions: pd.DataFrame, rows: pd.DataFrame, prob: float, noise: Noise
) -> pd.DataFrame:
    """Compare the measured with the predicted density; of the same rows, equally smoothed."""
    chosen = np.linspace(0, len(rows) - 1, min(len(rows), DENSITY_ROWS)).astype(int)
    shown = predictions.iloc[chosen]
    real = shown["real_value"].to_numpy()
    sd = (shown["hdi_upper"] - shown["hdi_lower"]).to_numpy() / 2 / noise.quantile((1 + prob) / 2)
    low, q25, q75, high = np.quantile(real, [0.01, 0.25, 0.75, 0.99])
    # Silverman's rule; values that are nearly all alike have no middle half.
    spread = min(real.std(), (q75 - q25) / 1.349) or real.std() or sd.mean()
    smoothing = 0.9 * spread * len(real) ** -0.2
    grid = np.linspace(low, high, DENSITY_POINTS)
    measured = [_density(x, real, np.full(len(real), smoothing), GAUSSIAN) for x in grid]
    mean, wider = shown["mean"].to_numpy(), np.hypot(sd, smoothing)
    predicted = [_density(x, mean, wider, noise) for x in grid]
    return pd.DataFrame(
        {
            "level": SHAPE,
            "label": [PEAK, KURTOSIS],
            "n_measurements": len(rows),
            "value": [max(measured), _excess_kurtosis(rows["score"].to_numpy())],
            "expected": [max(predicted), 0.0],
            "status": NOT_JUDGED,
        }
    )


def _density(x: float, means: Floats, scales: Floats, noise: Noise) -> float:
    """Density of a mixture."""
    return float(np.mean(noise.density((x - means) / scales) / scales))


def _excess_kurtosis(values: Floats) -> float:
    """Kurtosis beyond that of a normal distribution; of values that are all alike, none."""
    squares = (values - values.mean()) ** 2
    return float(np.mean(squares**2) / np.mean(squares) ** 2 - 3) if squares.any() else np.nan
