"""When a saved fit is used again, and what is said when it is not."""

import pytest

from partialpool.inference import reuse, sampling
from partialpool.inference.reuse import ReuseSettings, SavedFit, code_hash, why_fit
from partialpool.models import MODELS
from partialpool.screen import Screen

NEVER, ALWAYS = ReuseSettings(force=False), ReuseSettings(force=True)


@pytest.fixture
def screen(screen_for) -> Screen:
    return screen_for("cell_line")


@pytest.fixture
def saved(screen, fit_settings) -> SavedFit:
    """A fit by ``conf/test``, as its file tells it."""
    settings = fit_settings("cell_line")
    attributes = sampling.provenance(screen, settings)
    return SavedFit(attributes, settings.sampler.chains, settings.sampler.draws, lambda: "draws")


def test_an_unchanged_fit_is_used_again(saved, screen, fit_settings):
    assert why_fit(saved, screen, fit_settings("cell_line"), force=False) == []


def test_cores_change_no_draw(saved, screen, fit_settings):
    settings = fit_settings("cell_line", sampler={"cores": 7})

    assert why_fit(saved, screen, settings, force=False) == []


def test_force_and_absence_are_reasons(saved, screen, fit_settings):
    settings = fit_settings("cell_line")

    assert why_fit(None, screen, settings, force=False) == ["there is no earlier fit"]
    assert why_fit(saved, screen, settings, force=True) == ["reuse.force is true"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seed": 1}, "seed {seed} -> 1"),
        ({"likelihood": "rowwise"}, "likelihood sufficient -> rowwise"),
        ({"parametrization": "published"}, "parametrization identified -> published"),
        ({"sampler": {"tune": 301}}, "sampler.tune {sampler.tune} -> 301"),
        (
            {"sampler": {"target_accept": 0.9}},
            "sampler.target_accept {sampler.target_accept} -> 0.9",
        ),
    ],
)
def test_each_setting_that_shapes_the_draws_is_named(saved, screen, fit_settings, change, reason):
    found = why_fit(saved, screen, fit_settings("cell_line", **change), force=False)

    assert found == [reason.format_map(vars(fit_settings("cell_line")))]


def test_a_prior_is_named_by_its_place(saved, screen, fit_settings):
    priors = fit_settings("cell_line").priors.model_dump()
    old, priors["mu_gene"]["sigma"] = priors["mu_gene"]["sigma"], 3.5

    found = why_fit(saved, screen, fit_settings("cell_line", priors=priors), force=False)

    assert found == [f"priors.mu_gene.sigma {old} -> 3.5"]


def test_other_data_is_a_reason(saved, screen_for, fit_settings):
    other = screen_for("cell_line", "unbalanced")

    assert why_fit(saved, other, fit_settings("cell_line"), force=False) == ["the data changed"]


def test_a_fit_that_was_cut_short_is_a_reason(saved, screen, fit_settings):
    short = SavedFit(saved.attributes, saved.n_chains, 17, saved.load)

    found = why_fit(short, screen, fit_settings("cell_line"), force=False)

    assert found == [f"it holds {saved.n_chains} chains x 17 draws"]


def test_a_fit_of_an_older_version_without_provenance_is_stale(screen, fit_settings):
    found = why_fit(SavedFit({}, 2, 200, lambda: None), screen, fit_settings("gene"), force=False)

    assert "the data changed" in found
    assert "the code of the model changed" in found


class TestCodeHash:
    def test_models_differ(self):
        assert len({code_hash(name) for name in MODELS}) == len(MODELS)

    @pytest.mark.parametrize(
        ("edited", "touched"),
        [
            ("partialpool.models.cell_line", {"cell_line"}),
            ("partialpool.models.likelihood", set(MODELS)),
            ("partialpool.models.statistics", set(MODELS)),
            ("partialpool.models.graph", set()),
        ],
    )
    def test_changes_with_the_code_that_a_model_builds_on(self, monkeypatch, edited, touched):
        assert changed_by(monkeypatch, edited, lambda source: source + "\nx = 1\n") >= touched
        assert touched or not changed_by(monkeypatch, edited, lambda source: source + "\ny = 1\n")

    def test_a_model_that_extends_another_changes_with_it(self, monkeypatch):
        changed = changed_by(
            monkeypatch, "partialpool.models.sgrna_in_gene", lambda source: source + "\nx = 1\n"
        )

        assert {"sgrna_in_gene", "cell_line", "mutation"} <= changed
        assert "gene" not in changed

    def test_comments_docstrings_and_layout_do_not_count(self, monkeypatch):
        def reword(source: str) -> str:
            words = source.replace('"""Build the PyMC model."""', '"""Make it."""')
            return words.replace("\n\n\n", "\n\n\n\n# a remark\n\n")

        assert changed_by(monkeypatch, "partialpool.models.cell_line", reword) == set()


def changed_by(monkeypatch, edited: str, edit) -> set[str]:
    """Models whose hash changes when the source of one module is edited."""
    before = {name: code_hash(name) for name in MODELS}
    read = reuse._source
    code_hash.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(reuse, "_source", lambda m: edit(read(m)) if m == edited else read(m))
        after = {name: code_hash(name) for name in MODELS}
    code_hash.cache_clear()
    return {name for name in MODELS if before[name] != after[name]}
