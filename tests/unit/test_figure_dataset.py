"""The dataset of figures: what it writes, what it refuses, what kedro-viz sees."""

import base64
import inspect
import io
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import plotnine as p9
import pytest
from kedro.io import DatasetError
from matplotlib import pyplot as plt
from PIL import Image

from partialpool.datasets.figure import FigureDataset, FigureError

POINTS = pd.DataFrame({"x": [0.0, 1.0], "y": [1.0, 2.0]})


def plot() -> p9.ggplot:
    return p9.ggplot(POINTS, p9.aes("x", "y")) + p9.geom_point() + p9.theme(figure_size=(3, 2))


def test_a_plotnine_plot_becomes_a_png_of_its_size(tmp_path: Path) -> None:
    dataset = FigureDataset(filepath=tmp_path / "new" / "figure.png")
    assert not dataset.exists()

    dataset.save(plot())

    assert dataset.exists()
    picture = Image.open(io.BytesIO(dataset.load()))
    assert (picture.format, picture.size) == ("PNG", (540, 360))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["figure.png"]
    assert plt.get_fignums() == []


def test_dpi_scales_a_png(tmp_path: Path) -> None:
    dataset = FigureDataset(filepath=tmp_path / "figure.png", dpi=60)
    dataset.save(plot())
    assert Image.open(io.BytesIO(dataset.load())).size == (180, 120)


def test_a_matplotlib_figure_is_saved_and_closed(tmp_path: Path) -> None:
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([0, 1])
    dataset = FigureDataset(filepath=tmp_path / "figure.png")
    dataset.save(figure)
    assert Image.open(io.BytesIO(dataset.load())).format == "PNG"
    assert plt.get_fignums() == []


def test_the_suffix_chooses_svg(tmp_path: Path) -> None:
    dataset = FigureDataset(filepath=tmp_path / "figure.svg")
    dataset.save(plot())
    assert b"<svg" in dataset.load()
    assert dataset.preview() == ""


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_equal_figures_make_equal_files(tmp_path: Path, suffix: str) -> None:
    first, second = (FigureDataset(filepath=tmp_path / f"{name}.{suffix}") for name in "ab")
    first.save(plot())
    second.save(plot())
    assert first.load() == second.load()


def test_the_preview_is_what_kedro_viz_calls_an_image(tmp_path: Path) -> None:
    dataset = FigureDataset(filepath=tmp_path / "figure.png")
    dataset.save(plot())
    assert base64.b64decode(dataset.preview()) == dataset.load()
    kind = inspect.signature(dataset.preview).return_annotation
    assert getattr(kind, "__name__", str(kind)) == "ImagePreview"


def test_a_plot_that_can_not_be_drawn_leaves_the_old_picture(tmp_path: Path) -> None:
    dataset = FigureDataset(filepath=tmp_path / "figure.png")
    dataset.save(plot())
    before = dataset.load()
    with pytest.raises(DatasetError, match="absent"):
        dataset.save(plot() + p9.geom_point(p9.aes(color="absent")))
    assert dataset.load() == before
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]


def test_the_chosen_back_end_comes_back(tmp_path: Path) -> None:
    before = mpl.get_backend()
    try:
        mpl.use("svg")
        FigureDataset(filepath=tmp_path / "figure.png").save(plot())
        assert mpl.get_backend() == "svg"
    finally:
        mpl.use(before)


def test_warnings_of_drawing_go_to_the_debug_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    missing = pd.DataFrame({"x": [0.0, None], "y": [1.0, 2.0]})
    with caplog.at_level("DEBUG", logger="partialpool.datasets.figure"):
        FigureDataset(filepath=tmp_path / "figure.png").save(
            p9.ggplot(missing, p9.aes("x", "y")) + p9.geom_point()
        )
    assert "Removed 1 rows containing missing values" in caplog.text


def test_other_suffixes_and_other_things_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match=r"\.png, \.svg") as caught:
        FigureDataset(filepath=tmp_path / "figure.jpeg")
    assert "figure.jpeg" in str(caught.value)
    with pytest.raises(DatasetError, match="DataFrame"):
        FigureDataset(filepath=tmp_path / "figure.png").save(POINTS)
