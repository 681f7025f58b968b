"""Figures as pictures: what is drawn, by how many processes, and the dataset that keeps them."""

import base64
import inspect
import io
import os
from functools import partial
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import plotnine as p9
import pytest
from kedro.io import DatasetError
from matplotlib import pyplot as plt
from PIL import Image

from partialpool.datasets.figures import FiguresDataset
from partialpool.figures.drawing import DrawingError, draw_all
from partialpool.figures.pictures import Picture, png

POINTS = pd.DataFrame({"x": [0.0, 1.0], "y": [1.0, 2.0]})


def plot(size: tuple[float, float] = (3, 2)) -> p9.ggplot:
    return p9.ggplot(POINTS, p9.aes("x", "y")) + p9.geom_point() + p9.theme(figure_size=size)


def titled(title: str) -> p9.ggplot:
    return plot() + p9.labs(title=title.upper())


def matplotlib_figure() -> object:
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([0, 1])
    return figure


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


class TestPicture:
    def test_a_plot_becomes_a_picture_of_its_size(self) -> None:
        made = Image.open(io.BytesIO(png(plot)))
        assert (made.format, made.size) == ("PNG", (540, 360))
        assert plt.get_fignums() == []

    def test_a_matplotlib_figure_too(self) -> None:
        assert pixels(png(matplotlib_figure)).shape == (360, 540, 3)
        assert plt.get_fignums() == []

    def test_white_black_and_the_grey_of_stripes_stay_as_they_are(self) -> None:
        from partialpool.figures.parts import style

        grey = int(style.STRIPE[1:3], 16)
        striped = p9.theme(
            panel_background=p9.element_rect(fill=style.STRIPE),
            plot_background=p9.element_rect(fill="#FFFFFF"),
        )
        made = pixels(png(lambda: plot() + striped))
        for level in (0, grey, 255):
            assert (made == level).all(axis=-1).any()
        assert (made[0, 0] == 255).all()
        assert (made[180, 500] == grey).all() or (made == grey).all(axis=-1).mean() > 0.3

    def test_equal_figures_make_equal_pictures(self) -> None:
        assert png(plot) == png(plot)

    def test_the_chosen_back_end_stays(self) -> None:
        before = mpl.get_backend()
        try:
            mpl.use("svg")
            png(plot)
            assert mpl.get_backend() == "svg"
        finally:
            mpl.use(before)

    def test_warnings_of_drawing_go_to_the_debug_log(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        missing = pd.DataFrame({"x": [0.0, None], "y": [1.0, 2.0]})
        with caplog.at_level("DEBUG", logger="partialpool.figures.pictures"):
            png(lambda: p9.ggplot(missing, p9.aes("x", "y")) + p9.geom_point())
        assert "Removed 1 rows containing missing values" in caplog.text

    def test_other_things_are_refused(self) -> None:
        with pytest.raises(TypeError, match="got DataFrame"):
            png(lambda: POINTS)


@pytest.mark.parametrize("cores", [1, 2])
class TestDrawAll:
    def test_pictures_are_those_of_this_process_in_order(self, cores: int) -> None:
        drawings = {word: partial(titled, word) for word in ("One", "Two", "Three")}
        made = draw_all(drawings.items(), cores)
        assert list(made) == list(drawings)
        assert made == {name: png(drawing) for name, drawing in drawings.items()}

    def test_an_error_names_the_figure_and_says_where(self, cores: int) -> None:
        drawings = {"fine": partial(titled, "fine"), "broken": partial(titled, None)}
        with pytest.raises(DrawingError, match="figure broken cannot be drawn") as caught:
            draw_all(drawings.items(), cores)
        assert "titled" in "".join(caught.value.__notes__)
        assert set(draw_all([("fine", drawings["fine"])], cores)) == {"fine"}


def test_a_process_that_dies_names_the_figure_and_is_replaced() -> None:
    with pytest.raises(DrawingError, match=r"figure deadly .* ended with code 7"):
        draw_all([("deadly", partial(os._exit, 7))], cores=2)
    assert set(draw_all([("fine", partial(titled, "fine"))], cores=2)) == {"fine"}


def test_a_call_that_can_not_be_sent_names_the_figure() -> None:
    with pytest.raises(DrawingError, match="figure local cannot be drawn"):
        draw_all([("local", lambda: plot())], cores=2)


FIGURES = {name: Picture(name.encode(), name.upper(), "Read it.", "effects") for name in ("b", "a")}


class TestDataset:
    def test_figures_come_back_in_order(self, tmp_path: Path) -> None:
        dataset = FiguresDataset(filepath=tmp_path / "gene")
        assert not dataset.exists()
        dataset.save(FIGURES)
        assert dataset.exists()
        assert dataset.load() == FIGURES
        assert list(dataset.load()) == ["b", "a"]
        written = {path.name for path in (tmp_path / "gene").iterdir()}
        assert written == {"a.png", "b.png", "figures.json"}
        assert (tmp_path / "gene" / "a.png").read_bytes() == b"a"

    def test_a_figure_of_nothing_keeps_its_reason_and_has_no_file(self, tmp_path: Path) -> None:
        nothing = Picture(b"", "C", "Read it.", "screen", reason="This screen has no lineages.")
        dataset = FiguresDataset(filepath=tmp_path)
        dataset.save(FIGURES | {"c": nothing})
        assert dataset.load() == FIGURES | {"c": nothing}
        assert not (tmp_path / "c.png").exists()

    def test_figures_of_an_earlier_run_go_and_other_files_stay(self, tmp_path: Path) -> None:
        dataset = FiguresDataset(filepath=tmp_path)
        dataset.save(FIGURES)
        (tmp_path / "table.csv").write_text("x")
        dataset.save({"b": FIGURES["b"]})
        assert {path.name for path in tmp_path.iterdir()} == {"b.png", "figures.json", "table.csv"}

    def test_equal_figures_make_equal_files(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            FiguresDataset(filepath=tmp_path / name).save(FIGURES)
        one, two = ((tmp_path / name / "figures.json").read_bytes() for name in ("one", "two"))
        assert one == two

    def test_figures_that_are_half_written_are_not_there(self, tmp_path: Path) -> None:
        dataset = FiguresDataset(filepath=tmp_path)
        dataset.save(FIGURES)
        with pytest.raises(DatasetError):
            dataset.save({"c": Picture("no bytes", "C", "Read it.", "effects")})  # type: ignore[arg-type]
        assert not dataset.exists()

    def test_the_preview_is_what_kedro_viz_calls_an_image(self, tmp_path: Path) -> None:
        dataset = FiguresDataset(filepath=tmp_path)
        dataset.save(FIGURES)
        assert base64.b64decode(dataset.preview()) == b"b"
        kind = inspect.signature(dataset.preview).return_annotation
        assert getattr(kind, "__name__", str(kind)) == "ImagePreview"
