"""Pipelines of figures, tables and the report."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kedro.pipeline import Pipeline, node

from partialpool.models import DEPENDENCY
from partialpool.pipelines.bound import Bound
from partialpool.pipelines.evaluation.pipeline import COMPARISON
from partialpool.pipelines.reporting import nodes
from partialpool.pipelines.results import DRAWN, OF_TRUTH, REPORTED, datasets

NAMESPACE = "reporting"
#: The sections of all fits, by name.
FITS = "fits"
#: Names the fit that the report takes its answer from.
ANSWER = "answer"
TABLES = ("gene_effects", "sgrna_effects", "cell_line_effects")
#: The sections that are not about one fit, by name; and the tables of each.
SECTIONS = "sections"
TABLES_OF: Mapping[str, Sequence[str]] = {
    "data": ("describe", "scale_priors"),
    "comparison": (COMPARISON.rpartition(".")[2],),
    "expression_data": ("describe", "estimates_vs_published"),
}
#: Inputs are in the order of the function's parameters, because Kedro finds the types of settings
#: by position.
OPTIONS = {"options": "params:reporting"}
INTERVALS = {"intervals": "params:convergence", "prediction": "params:prediction"}


def create_fit_pipeline(name: str, screen: str, *, has_truth: bool = False) -> Pipeline:
    """Draw one fit, and gather what the report shows of it in ``<name>.section``.

    Parameters
    ----------
    name
        The name of the fit.
    screen
        The catalog name of the modelling table.
    has_truth
        Whether the screen was simulated.
    """
    settings, table = {"settings": f"params:modeling.{name}"}, {"screen": screen}
    of_truth = OF_TRUTH if has_truth else ()
    thresholds = {"thresholds": "params:convergence", "prediction": "params:prediction"}
    draw = node(
        Bound(nodes.draw_fit, name=name),
        settings
        | OPTIONS
        | thresholds
        | {"answer": ANSWER}
        | table
        | datasets(name, DRAWN)
        | datasets(name, of_truth[:1]),
        [f"{name}.figures", f"{name}.graph"],
        name="draw",
        namespace=f"{NAMESPACE}.{name}",
    )
    gather = node(
        nodes.gather_fit,
        settings | table | datasets(name, (*REPORTED, *of_truth)),
        f"{name}.section",
        name="gather",
        namespace=f"{NAMESPACE}.{name}",
    )
    return Pipeline([draw, gather], tags=[name, "reporting"])


def create_data_pipeline(
    screen: str, fits: Iterable[str], sequence_qc: str | None = None
) -> Pipeline:
    """Draw and describe a screen and the priors of fits.

    Parameters
    ----------
    screen
        The catalog name of the modelling table.
    fits
        The fits whose priors are drawn.
    sequence_qc
        The catalog name of the quality of sequences, if the screen was made from counts.
    """
    inputs = {"screen": screen, **OPTIONS, **{fit: f"params:modeling.{fit}" for fit in fits}}
    inputs |= {"sequence_qc": sequence_qc} if sequence_qc else {}
    return _section("data", nodes.draw_data, inputs, TABLES_OF["data"])


def create_fits_pipeline(fits: Iterable[str]) -> Pipeline:
    """Gather the sections of all fits in ``fits``, by name."""
    sections = {fit: f"{fit}.section" for fit in fits}
    gather = node(nodes.gather_fits, sections, FITS, name="gather_fits", namespace=NAMESPACE)
    return Pipeline([gather], tags=NAMESPACE)


def create_expression_data_pipeline(screen: str, fit: str) -> Pipeline:
    """Draw and describe the expression notebook's screen.

    Parameters
    ----------
    screen
        The catalog name of its table.
    fit
        The fit whose estimates are compared with those that the notebook printed.
    """
    inputs = {"screen": screen, **OPTIONS, "fits": FITS}
    draw = Bound(nodes.draw_expression_data, name=fit)
    return _section("expression_data", draw, inputs, TABLES_OF["expression_data"])


def create_answer_pipeline(fits: Iterable[str]) -> Pipeline:
    """Choose the fit that the report takes its answer from, among fits to one screen."""
    names = list(fits)
    choose = node(
        nodes.choose_answer,
        [f"{name}.{result}" for result in ("verdict", "scores") for name in names],
        ANSWER,
        name="choose_answer",
        namespace=NAMESPACE,
    )
    return Pipeline([choose], tags=NAMESPACE)


def create_comparison_pipeline() -> Pipeline:
    """Draw the comparison of fits."""
    drawn = node(
        nodes.draw_comparison,
        {"fits": FITS, "prediction": INTERVALS["prediction"], **OPTIONS},
        "comparison.figures",
        name="draw_comparison",
        namespace=NAMESPACE,
    )
    return Pipeline([drawn], tags=NAMESPACE)


def create_dependency_pipeline(screen: str) -> Pipeline:
    """Draw model ``dependency`` and its calls, and gather them in ``dependency.section``.

    Parameters
    ----------
    screen
        The catalog name of the modelling table.
    """
    shared = {table: f"calls.{table}" for table in ("effects", "genes", "differential", "qc")}
    shared |= {"trust": "calls.trust", "screen": screen, "verdict": f"{DEPENDENCY}.verdict"}
    settings = {"fit": f"params:{DEPENDENCY}.fit", "calls": f"params:{DEPENDENCY}.calls"}
    checks = {f"{check}_settings": f"params:{DEPENDENCY}.{check}" for check in ("qc", "trust")}
    of_fit = {"lines": f"{DEPENDENCY}.lines", "replicates": f"{DEPENDENCY}.replicate_noise"}
    figures = f"{DEPENDENCY}.figures"
    draw = node(
        nodes.draw_dependency,
        OPTIONS | settings | checks | shared | of_fit,
        figures,
        name="draw",
        namespace=f"{NAMESPACE}.{DEPENDENCY}",
    )
    gather = node(
        nodes.gather_dependency,
        settings | shared | {"left_out": f"{DEPENDENCY}.left_out", "figures": figures},
        f"{DEPENDENCY}.section",
        name="gather",
        namespace=f"{NAMESPACE}.{DEPENDENCY}",
    )
    return Pipeline([draw, gather], tags=[DEPENDENCY, "reporting"])


def create_report_pipeline(
    sections: Iterable[str], source: str = "screen_path", *, has_dependency: bool = False
) -> Pipeline:
    """Make the report and the export tables.

    Parameters
    ----------
    sections
        The sections of the report that are not about one fit.
    source
        The parameter with the path of the input; it is empty if the screen was simulated.
    has_dependency
        Whether ``dependency.section`` is part of the report.
    """
    parts = [
        part
        for name in sections
        for part in (f"{name}.figures", *(f"{name}.tables.{table}" for table in TABLES_OF[name]))
    ]
    inputs = {"source": f"params:{source}", "screen": "screen", "data_quality": "data_quality"}
    inputs |= {"fits": FITS, "sections": SECTIONS}
    inputs |= {DEPENDENCY: f"{DEPENDENCY}.section"} if has_dependency else {}
    return Pipeline(
        [
            node(
                nodes.gather_sections,
                {part: part for part in parts},
                SECTIONS,
                name="gather_sections",
                namespace=NAMESPACE,
            ),
            node(
                nodes.make_report,
                OPTIONS | INTERVALS | inputs,
                "report",
                name="make_report",
                namespace=NAMESPACE,
            ),
            node(
                nodes.tabulate_effects,
                FITS,
                [f"report.{table}" for table in TABLES],
                name="tabulate_effects",
                namespace=NAMESPACE,
            ),
        ],
        tags=NAMESPACE,
    )


def _section(
    name: str, draw: Callable[..., Any], inputs: Mapping[str, str], tables: Sequence[str]
) -> Pipeline:
    """Draw the figures of a section and make its tables."""
    made = [f"{name}.figures", *(f"{name}.tables.{table}" for table in tables)]
    drawn = node(draw, dict(inputs), made, name=draw.__name__, namespace=NAMESPACE)
    return Pipeline([drawn], tags=NAMESPACE)
