"""MLflow's record of runs: what is in it, under every runner, and when things go wrong.

Whole runs of the project on the tiny screen of ``conf/test``. Except where a real process is
killed, the posterior is made up, since what a sampler does is not what is tested here.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import ParallelRunner, SequentialRunner, ThreadRunner
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.environment_variables import (
    MLFLOW_HTTP_REQUEST_MAX_RETRIES,
    MLFLOW_HTTP_REQUEST_TIMEOUT,
)

from partialpool.inference import sampling
from partialpool.inference.convergence import ConvergenceError
from partialpool.inference.fit_settings import FitSettings
from partialpool.process import identity
from partialpool.running.runner import IncrementalRunner
from partialpool.screen import Screen
from partialpool.tracking.interruption import Interruption
from partialpool.tracking.run import HOST, IDENTITY, PROCESS, TrackedRun, TrackingError
from partialpool.tracking.store import short_requests

ROOT = Path(__file__).resolve().parents[2]
ATTEMPTS = 3
SERVER_SECONDS = 120
#: A number that no process ever has.
PID_MAX = Path("/proc/sys/kernel/pid_max")
NO_PROCESS = 1 + (int(PID_MAX.read_text()) if PID_MAX.exists() else 2**22)
pytestmark = [
    # Names such as gene.posterior outside their namespace, which Kedro takes for a mistake.
    pytest.mark.filterwarnings("ignore:One or more dataset names contain:UserWarning"),
    # Kedro reads the fields of typed parameters in a way that pydantic calls outdated.
    pytest.mark.filterwarnings(
        "ignore:Accessing the 'model_fields' attribute:pydantic.PydanticDeprecatedSince211"
    ),
    # Kedro's own process pool forks; from Python 3.12 on that is warned of.
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
]


def tags_of_a_dead_process(run: Run) -> dict[str, str]:
    """Tags by which a run of the same machine is known, whose process is gone."""
    return {HOST: run.data.tags[HOST], PROCESS: str(NO_PROCESS)}


def made_up_sampler(screen: Screen, settings: FitSettings, label: str) -> Any:
    """Draws that look like a sampler's, of all variables of a model, in no time."""
    rng, sampler = np.random.default_rng(settings.seed), settings.sampler
    shape = sampler.chains, sampler.draws
    spec, form = settings.spec, settings.parametrization
    posterior = {
        prior.name: (("chain", "draw"), rng.uniform(0.4, 0.6, shape))
        for prior in spec.scalars(form)
    }
    posterior |= {
        effect.name: (
            ("chain", "draw", *effect.dims),
            rng.normal(0, 0.1, (*shape, *screen.shape(effect.dims))),
        )
        for effect in spec.populations(form)
    }
    stats = {name: rng.normal(size=shape) for name in sampling.NUTPIE_STATISTICS.values()}
    stats |= dict.fromkeys(("diverging", "reached_max_treedepth"), np.zeros(shape, dtype=bool))
    statistics = {name: (("chain", "draw"), values) for name, values in stats.items()}
    return xr.Dataset(posterior, coords=screen.coords), xr.Dataset(statistics), 1e-9


#: How a model is sampled where nothing else is asked for.
DEFAULT = ("nutpie", "sufficient")


@pytest.fixture
def made_up_fits(monkeypatch) -> None:
    monkeypatch.setitem(sampling.SAMPLERS, DEFAULT, made_up_sampler)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch) -> None:
    """The store is where the test says, whatever the shell says."""
    for name in [name for name in os.environ if name.startswith("MLFLOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")


@pytest.fixture
def kedro_run(tmp_path) -> Callable[..., Any]:
    """Run the project in this process; everything is written under ``tmp_path``."""
    bootstrap_project(ROOT)

    def run(
        *pipelines: str, runner: Any = None, nodes: list[str] | None = None, **params: Any
    ) -> Any:
        given = {"data_root": str(tmp_path), **params}
        with KedroSession.create(ROOT, env="test", runtime_params=given) as session:
            return session.run(
                pipeline_names=list(pipelines),
                runner=runner or IncrementalRunner(),
                node_names=nodes,
            )

    return run


class Store:
    """What MLflow holds, to be asked."""

    def __init__(self, uri: str, experiment: str = "partialpool") -> None:
        self.client = MlflowClient(tracking_uri=uri)
        self.experiment = self.client.get_experiment_by_name(experiment)

    @property
    def runs(self) -> list[Run]:
        """Every run, oldest first."""
        return self.client.search_runs(
            [self.experiment.experiment_id], order_by=["attributes.start_time ASC"]
        )

    @property
    def parents(self) -> list[Run]:
        return [run for run in self.runs if "mlflow.parentRunId" not in run.data.tags]

    def children(self, parent: Run) -> dict[str, Run]:
        return {
            run.data.tags["fit"]: run
            for run in self.runs
            if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id
        }

    def files(self, run: Run, folder: str | None = None) -> set[str]:
        return {file.path for file in self.client.list_artifacts(run.info.run_id, folder)}


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory) -> Path:
    """The tables of a new store, which take seconds to make."""
    path = tmp_path_factory.mktemp("store") / "mlflow.db"
    MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def store(tmp_path, empty_database) -> Callable[[], Store]:
    """The embedded store of the test's runs."""
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    return lambda: Store(f"sqlite:///{tmp_path}/mlflow.db")


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[str]:
    """A real ``mlflow server`` that keeps artefacts apart from its database."""
    folder = tmp_path_factory.mktemp("server")
    for _ in range(ATTEMPTS):
        port = _free_port()
        process, log = _start_server(folder, port)
        if _answers(f"http://127.0.0.1:{port}/health", process):
            break
        _stop(process)
    else:
        pytest.fail(f"mlflow server did not start:\n{log.read_text()}")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        _stop(process)


def _start_server(folder: Path, port: int) -> tuple[subprocess.Popen[bytes], Path]:
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/server.db"]
    command += ["--artifacts-destination", str(folder / "kept")]
    environment = os.environ | {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=environment, start_new_session=True
        )
    return process, folder / "log"


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):  # it may have ended by itself
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(30)


def _free_port() -> int:
    """A port that is free now; another program may take it before the server does."""
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + SERVER_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return process.poll() is None  # else another program answers
        except OSError:
            time.sleep(0.5)
    return False


def test_two_configurations_on_a_server(made_up_fits, kedro_run, server, tmp_path, tiny):
    wide = {"tracking": {"tracking_uri": server}}
    narrow = {**wide, "modeling": {"gene": {"priors": {"mu_gene": {"sigma": 0.5}}}}}

    kedro_run("gene", "cell_line", **wide)
    kedro_run("gene", "cell_line", **narrow)

    store = Store(server)
    assert store.experiment.artifact_location.startswith("mlflow-artifacts:")
    assert not (tmp_path / "mlflow.db").exists()
    first, second = store.parents
    assert [first.info.status, second.info.status] == ["FINISHED", "FINISHED"]
    assert set(store.children(first)) == {"gene", "cell_line"}
    assert set(store.children(second)) == {"gene"}  # cell_line is kept
    assert second.data.params["params.modeling.gene.priors.mu_gene.sigma"] == "0.5"
    assert not any("tracking" in name for name in second.data.params)
    assert first.data.params["runner"] == "IncrementalRunner"

    old, new = store.children(first)["gene"], store.children(second)["gene"]
    assert {k for k, v in old.data.params.items() if new.data.params[k] != v} == {
        "priors.mu_gene.sigma"
    }
    assert [run.info.run_name for run in (first, old)] == [
        "simulated · run of cell_line,gene",
        "simulated · gene",
    ]
    _check_child(store, new, tiny.modeling["gene"])


def _check_child(store: Store, run: Run, settings: FitSettings) -> None:
    """Everything that a fit's page must show."""
    params, metrics, tags = run.data.params, run.data.metrics, run.data.tags
    assert run.info.status == "FINISHED"
    wanted = {
        "parametrization": "identified",
        "likelihood": "sufficient",
        "seed": str(settings.seed),
        "sampler.draws": str(settings.sampler.draws),
        "priors.mu_gene.sigma": "0.5",
        "n_measurements": "288",
        "n_gene": "6",
        "n_sgrna": "18",
        "n_cell_line": "8",
    }
    assert params.items() >= wanted.items()
    assert params["version.pymc"] == version("pymc")
    assert not {"data_hash", "fit_id", "git_commit"} & params.keys()
    assert len(tags["data_hash"]) == 64
    assert tags["fit_id"]
    in_order = sorted(metrics)  # as MLflow shows them
    assert in_order[:9] == [
        *("coverage", "coverage_of_planted", "divergences", "elpd_loo", "elpd_loo_se"),
        *("fit_seconds", "max_r_hat", "min_ess_bulk", "rmse"),
    ]
    assert set(in_order[9:]) == {
        *("sampler/min_ess_tail", "sampler/treedepth_hits", "sampler/min_e_bfmi"),
        *("sampler/n_parameters", "sampler/compile_seconds", "sampler/sampling_seconds"),
        *("sampler/ess_per_second", "scores/p_loo", "scores/n_bad_k", "scores/max_k"),
    }
    assert metrics["sampler/ess_per_second"] == pytest.approx(
        metrics["min_ess_bulk"] / metrics["sampler/sampling_seconds"]
    )
    wanted = {"screen": "simulated", "model": "gene", "fit": "gene", "verdict": "passed"}
    assert tags.items() >= wanted.items()
    assert {"convergence.csv", "effects.csv", "verdict.json", "scores.json", "settings.json"} < (
        store.files(run)
    )
    data = run.inputs.dataset_inputs[0].dataset
    assert (data.name, data.digest) == ("screen", tags["data_hash"][:36])


@pytest.mark.parametrize("runner", [ThreadRunner, ParallelRunner], ids=lambda r: r.__name__)
def test_the_same_under_other_runners(made_up_fits, kedro_run, store, runner):
    kedro_run("gene", "cell_line", runner=runner(max_workers=2))

    found = store()
    (parent,) = found.parents
    children = found.children(parent)
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics["n_fits"] == 2
    assert set(children) == {"gene", "cell_line"}
    for name, child in children.items():
        assert child.info.status == "FINISHED"
        assert child.data.tags["model"] == name
        assert {"max_r_hat", "rmse", "elpd_loo", "coverage_of_planted"} < child.data.metrics.keys()
        assert {"convergence.csv", "verdict.json"} < found.files(child)


def test_a_run_that_fits_nothing_has_no_children(made_up_fits, kedro_run, store):
    kedro_run("gene")
    kedro_run("gene", scores={"loo_draws": 500})  # the fit is kept
    kedro_run("gene", nodes=["models.gene.evaluate"], runner=SequentialRunner())

    found = store()
    fitted, kept, scores_only = found.parents
    assert set(found.children(fitted)) == {"gene"}
    assert found.children(kept) == found.children(scores_only) == {}
    assert scores_only.info.status == "FINISHED"
    assert scores_only.data.metrics["n_fits"] == 0
    assert "scores.json" in found.files(scores_only)


def test_a_run_that_makes_nothing_is_not_recorded(made_up_fits, kedro_run, store, tmp_path):
    kedro_run("gene")
    size = (tmp_path / "mlflow.db").stat().st_size
    kedro_run("gene")

    assert len(store().runs) == 2  # the first run and its fit
    assert (tmp_path / "mlflow.db").stat().st_size == size


def test_force_fits_and_records_again(made_up_fits, kedro_run, store):
    kedro_run("gene")
    kedro_run("gene", force=True)

    found = store()
    assert [set(found.children(parent)) for parent in found.parents] == [{"gene"}, {"gene"}]


def test_tracking_can_be_off(made_up_fits, kedro_run, tmp_path):
    kedro_run("gene", tracking={"enabled": False})

    assert not (tmp_path / "mlflow.db").exists()
    assert (tmp_path / "07_model_output/gene/scores.json").exists()


@pytest.mark.parametrize("runner", [SequentialRunner, ParallelRunner], ids=lambda r: r.__name__)
def test_a_verdict_that_stops_the_run(made_up_fits, kedro_run, store, tmp_path, runner):
    strict = {"on_failure": "raise", "min_ess_bulk": 1e6}

    with pytest.raises(ConvergenceError, match="bulk ESS"):
        kedro_run("gene", runner=runner(), convergence=strict)

    found = store()
    (parent,) = found.parents
    assert parent.info.status == "FAILED"
    assert parent.data.tags["error_type"] == "ConvergenceError"
    assert re.search(r"gene_effect\[|mu_gene|sigma", parent.data.tags["error"])
    assert "error.txt" in found.files(parent)
    child = found.children(parent)["gene"]
    assert child.info.status == "FAILED"
    assert child.data.tags["verdict"] == "failed"
    assert "bulk ESS" in child.data.tags["error"]
    assert (tmp_path / "06_models/gene/posterior.nc").exists()
    assert (tmp_path / "07_model_output/gene/convergence.csv").exists()
    assert (tmp_path / "07_model_output/gene/verdict.json").exists()


def test_an_error_before_any_fit(kedro_run, store, monkeypatch):
    def out_of_memory(*_: Any) -> None:
        raise MemoryError("no room for the draws")

    monkeypatch.setitem(sampling.SAMPLERS, DEFAULT, out_of_memory)

    with pytest.raises(MemoryError):
        kedro_run("gene")

    found = store()
    (parent,) = found.parents
    assert parent.info.status == "FAILED"
    assert parent.data.tags["error"] == "MemoryError: no room for the draws"
    assert found.children(parent) == {}


class TestUnreachable:
    """Nothing listens on port 9 of this machine."""

    nowhere = "http://user:secret@127.0.0.1:9"

    def test_warns_once_and_loses_nothing(self, made_up_fits, kedro_run, tmp_path, caplog):
        kedro_run("gene", tracking={"tracking_uri": self.nowhere})

        warnings = [r for r in caplog.records if "MLflow does not record" in r.getMessage()]
        assert len(warnings) == 1
        assert "secret" not in caplog.text
        assert "Fix: start the server" in warnings[0].getMessage()
        assert (tmp_path / "07_model_output/gene/scores.json").exists()

    def test_calls_are_short_and_then_again_what_the_shell_says(self, tiny):
        """MLflow itself would try for minutes."""
        settings = tiny.tracking.model_copy(update={"request_timeout": 7, "request_retries": 2})
        with short_requests(settings):
            assert MLFLOW_HTTP_REQUEST_TIMEOUT.get() == 7
            assert MLFLOW_HTTP_REQUEST_MAX_RETRIES.get() == 2
        assert not [name for name in os.environ if name.startswith("MLFLOW_HTTP")]

    def test_stops_before_it_fits_if_asked(self, kedro_run, tmp_path):
        with pytest.raises(TrackingError, match="MLflow does not record"):
            kedro_run("gene", tracking={"tracking_uri": self.nowhere, "on_unreachable": "raise"})

        assert not (tmp_path / "06_models").exists()

    @pytest.mark.parametrize("on_unreachable", ["warn", "raise"])
    def test_a_store_that_goes_down_midway(
        self, made_up_fits, kedro_run, tmp_path, monkeypatch, caplog, on_unreachable
    ):
        def gone(*_: Any) -> None:
            raise ConnectionError("the server is gone")

        monkeypatch.setattr(TrackedRun, "_log_dataset", gone)
        settings = {"on_unreachable": on_unreachable}
        if on_unreachable == "raise":
            with pytest.raises(TrackingError, match="the server is gone"):
                kedro_run("gene", tracking=settings)
        else:
            kedro_run("gene", tracking=settings)

        assert caplog.text.count("MLflow does not record") == 1
        assert (tmp_path / "07_model_output/gene/scores.json").exists()


@pytest.fixture
def interruptible():
    """Let SIGINT interrupt: a shell that runs the tests in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupted_run_is_marked_and_can_go_on(
    made_up_fits, kedro_run, store, monkeypatch, caplog, interruptible
):
    def stop_at_gene(screen: Screen, settings: FitSettings, label: str) -> Any:
        if label == "gene":
            os.kill(os.getpid(), signal.SIGINT)
        return made_up_sampler(screen, settings, label)

    with monkeypatch.context() as patch:
        patch.setitem(sampling.SAMPLERS, DEFAULT, stop_at_gene)
        with pytest.raises(KeyboardInterrupt):
            kedro_run("gene", "cell_line")  # Kedro fits them in alphabetical order
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    found = store()
    (killed,) = found.parents
    assert killed.info.status == "KILLED"
    assert killed.data.tags["error"] == "interrupted (SIGINT)"
    (child,) = found.children(killed).values()  # a fit is saved with its verdict
    assert (child.data.tags["fit"], child.info.status) == ("cell_line", "FINISHED")

    caplog.clear()
    with caplog.at_level("INFO", logger="partialpool"):
        kedro_run("gene", "cell_line")

    assert "cell_line: fitted in" not in caplog.text
    assert "gene: fitted in" in caplog.text
    assert found.parents[-1].info.status == "FINISHED"
    assert set(found.children(found.parents[-1])) == {"gene"}


def test_a_run_whose_process_is_gone_is_closed_by_the_next(made_up_fits, kedro_run, store):
    kedro_run("gene")
    found = store()
    (parent,) = found.parents
    tags = tags_of_a_dead_process(parent)
    orphan = found.client.create_run(found.experiment.experiment_id, tags=tags)
    alive = {HOST: parent.data.tags[HOST], PROCESS: str(os.getpid())}
    other = found.client.create_run(found.experiment.experiment_id, tags=alive)

    kedro_run("gene", force=True)

    closed = found.client.get_run(orphan.info.run_id)
    assert closed.info.status == "KILLED"
    assert closed.data.tags["error"] == "its process was killed"
    assert found.client.get_run(other.info.run_id).info.status == "RUNNING"


@pytest.mark.skipif(not identity(os.getpid()), reason="this system does not tell")
def test_a_process_is_known_by_more_than_its_number(made_up_fits, kedro_run, store):
    """A number is given out again, and means nothing in another container of the same name."""
    kedro_run("gene")
    found = store()
    (parent,) = found.parents
    boot, namespace, start = parent.data.tags[IDENTITY].split()
    told = {
        "itself": (os.getpid(), f"{boot} {namespace} {start}"),
        "its number's earlier owner": (os.getpid(), f"{boot} {namespace} 1"),
        "before the last boot": (os.getpid(), f"other-boot {namespace} {start}"),
        "gone": (NO_PROCESS, f"{boot} {namespace} {start}"),
        "in another container": (NO_PROCESS, f"{boot} pid:[1] {start}"),
    }
    runs = {
        what: found.client.create_run(
            found.experiment.experiment_id,
            tags={HOST: parent.data.tags[HOST], PROCESS: str(number), IDENTITY: known},
        ).info.run_id
        for what, (number, known) in told.items()
    }

    kedro_run("gene", force=True)

    status = {what: found.client.get_run(run).info.status for what, run in runs.items()}
    assert status == {
        "itself": "RUNNING",
        "its number's earlier owner": "KILLED",
        "before the last boot": "KILLED",
        "gone": "KILLED",
        "in another container": "RUNNING",
    }


def test_a_fit_of_a_killed_run_is_recorded_when_it_is_kept(made_up_fits, kedro_run, store):
    kedro_run("cell_line")
    found = store()
    (first,) = found.parents
    tags = tags_of_a_dead_process(first) | {"git_commit": "of-that-time"}
    killed = found.client.create_run(found.experiment.experiment_id, tags=tags)
    kedro_run("gene", tracking={"enabled": False})  # as if it had been killed after the fit

    for loo_draws in (500, 600):
        kedro_run("gene", "cell_line", scores={"loo_draws": loo_draws})

    _, parent, *later = found.parents
    assert parent.info.run_id == killed.info.run_id
    assert parent.info.status == "KILLED"
    children = found.children(parent)
    assert set(children) == {"gene"}  # cell_line was recorded in its own run
    assert children["gene"].info.status == "FINISHED"
    assert children["gene"].data.tags["partialpool.recorded_by"] == later[0].info.run_id
    assert children["gene"].data.tags["git_commit"] == "of-that-time"
    assert "max_r_hat" in children["gene"].data.metrics
    assert [found.children(run) for run in later] == [{}, {}]


def test_signals_do_afterwards_what_they_did_before():
    heard: list[str] = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append("the host's own"))
    try:
        interruption = Interruption(heard.append)
        interruption.watch()
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert heard == ["SIGTERM", "the host's own", "the host's own"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name
)
def test_a_real_process_killed_midway(store, tmp_path, sent):
    command = [sys.executable, "-m", "kedro", "run", "--env", "test"]
    command += ["--pipelines", "gene,sgrna_in_gene"]
    many = ["--params", f"data_root={tmp_path},modeling.sgrna_in_gene.sampler.draws=4000000"]
    with subprocess.Popen(
        [*command, *many], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "sgrna_in_gene: sampling" in line:
                process.send_signal(sent)
                break
        process.stderr.read()
    assert process.returncode not in (0, None)

    found = store()
    (killed,) = found.parents
    fitted = (tmp_path / "06_models/gene/posterior.nc").exists()
    children = {"gene"} if fitted else set()
    if sent == signal.SIGKILL:  # of which no process hears
        assert killed.info.status == "RUNNING"
    else:
        assert killed.info.status == "KILLED"
        assert killed.data.tags["error"] == f"interrupted ({sent.name})"
        assert set(found.children(killed)) == children
    assert not (tmp_path / "06_models/sgrna_in_gene/posterior.nc").exists()

    again = subprocess.run(
        [*command, "--params", f"data_root={tmp_path}"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert (re.search(r" gene: fitted in", again.stderr) is None) == fitted
    assert [run.info.status for run in found.parents] == ["KILLED", "FINISHED"]
    assert set(found.children(killed)) == children
    assert "sgrna_in_gene" in found.children(found.parents[-1])


def test_start_up_imports_nothing_heavy():
    code = (
        "import sys; from pathlib import Path;"
        "from kedro.framework.startup import bootstrap_project;"
        f"bootstrap_project(Path({str(ROOT)!r}));"
        "from kedro.framework.project import pipelines, settings;"
        "settings.HOOKS; dict(pipelines);"
        "heavy = {'mlflow', 'pymc', 'arviz', 'nutpie', 'plotnine'} & set(sys.modules);"
        "sys.exit(f'imported at start-up: {heavy}' if heavy else 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
