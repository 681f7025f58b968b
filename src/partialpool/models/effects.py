r"""What an effect is: a population of values, one for each label of its dims.

An effect ``e`` over some dims has elements $e_j \sim \mathcal N(m_j, s)$. Its standard
deviation ``s`` is a parameter. Its mean ``m`` is

- a parameter (``mean=Normal("mu_gene")``): the elements vary around a common level;
- another effect over coarser dims (``mean=GENE``): guides vary around their gene;
- ``ZERO``: they vary around 0;
- ``ZERO_SUM``: they vary around 0 and sum to 0, so that the level stays with another effect.

Effects add up to a linear predictor: ``GUIDE + LINE``. Along a covariate an effect is a slope.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, Self

from partialpool.errors import PartialpoolError, Problem
from partialpool.models.priors import Prior
from partialpool.models.terms import Term
from partialpool.screen import COVARIATES

#: Unit of measurements, and of effects that are no slopes.
LFC = "log2 fold change"
#: How effects and the elements of dims are called in text, where their names are not the words.
CALLED = {"sgrna": "guide", "rna": "RNA"}
ELEMENTS = {
    "gene": "genes",
    "sgrna": "guides",
    "cell_line": "cell lines",
    "lineage": "lineages",
}


class DeclarationError(PartialpoolError, ValueError):
    """An effect or a model that can't be."""

    @classmethod
    def of(cls, expected: str, got: str, fix: str) -> Self:
        """Make an error of its three parts."""
        return cls(str(Problem(expected, got, fix)))


class Around(Enum):
    """Means that are no parameters."""

    ZERO = "zero"
    ZERO_SUM = "zero_sum"


ZERO: Final = Around.ZERO
ZERO_SUM: Final = Around.ZERO_SUM


@dataclass(frozen=True)
class Effect:
    r"""A population of values that enters the linear predictor, or that others vary around.

    Attributes
    ----------
    name
        Of the variable, such as ``gene_effect``.
    over
        Its dim, or dims separated by blanks for an interaction: ``"gene cell_line"``.
    mean
        What its elements vary around (see the module).
    sd
        Prior of their standard deviation.
    symbol
        In equations (LaTeX), such as ``\alpha_s``.
    meaning
        What a value is, as a phrase: ``what losing the gene does``.
    reading
        How to read its sign, as a sentence.
    along
        Covariate that multiplies it, so that it is a slope.
    """

    name: str
    over: str
    mean: Prior | Effect | Around
    sd: Prior
    symbol: str = ""
    meaning: str = ""
    reading: str = ""
    along: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no effect."""
        dims = self.over.split()
        if not dims or len(set(dims)) < len(dims):
            raise DeclarationError.of(
                "one dim, or several different ones", f"{self.name} over {self.over!r}", "name them"
            )
        if not isinstance(self.mean, Prior | Effect | Around):
            raise DeclarationError.of(
                "a prior, an effect, ZERO or ZERO_SUM as mean",
                f"{self.name} around {self.mean!r}",
                "choose one of them",
            )
        if self.mean is ZERO_SUM and len(dims) > 1:
            raise DeclarationError.of(
                "one dim for an effect that sums to zero",
                f"{self.name} over {self.over}",
                "declare the effect with mean=ZERO",
            )
        if not self.sd.positive:
            raise DeclarationError.of(
                "a prior of positive values as sd",
                f"{type(self.sd).__name__} for {self.sd.name}",
                "use HalfNormal or Exponential",
            )
        if self.along is not None and self.along not in COVARIATES:
            raise DeclarationError.of(
                f"a covariate among {', '.join(COVARIATES)}",
                f"{self.name} along {self.along}",
                "correct the name, or add the covariate to COVARIATES in partialpool/screen.py",
            )

    @property
    def dims(self) -> tuple[str, ...]:
        """Its dims, in order."""
        return tuple(self.over.split())

    @property
    def term(self) -> Term:
        """What it adds to the linear predictor, as tables and designs take it."""
        return Term(self.name, self.dims, self.along)

    @property
    def is_slope(self) -> bool:
        """Whether it multiplies a covariate."""
        return self.along is not None

    @property
    def label(self) -> str:
        """What it is called in text, such as ``guide effect``."""
        what = self.name.removesuffix("_effect").replace("_", "-")
        return f"{CALLED.get(what, what)} effect"

    @property
    def title(self) -> str:
        """Heading of a figure of it, such as ``guide effects``."""
        return f"{self.label}s"

    @property
    def heading(self) -> str:
        """Heading of a table of it, such as ``Guides`` or, of slopes, ``RNA expression``."""
        words = COVARIATES[self.along].noun if self.along else self.elements
        if self.along and self.dims != ("gene",):
            words = f"{words} by {self.elements}"
        return words[:1].upper() + words[1:]

    @property
    def axis(self) -> str:
        """Title of an axis, with the unit."""
        return f"{self.label} ({self.unit})"

    @property
    def elements(self) -> str:
        """What it has one value of each for, in the plural."""
        return " x ".join(ELEMENTS.get(dim, f"labels of {dim}") for dim in self.dims)

    @property
    def unit(self) -> str:
        """Unit of its values."""
        per = COVARIATES[self.along].per if self.along else ""
        return f"{LFC} per {per}" if per else LFC

    @property
    def informed(self) -> str:
        """What the measurements of an element need for its value to show; empty if nothing."""
        return COVARIATES[self.along].informed if self.along else ""

    @property
    def hyper_symbol(self) -> str:
        """Subscript of the symbols of its mean and standard deviation (LaTeX)."""
        return self.symbol.partition("_")[0]

    @property
    def priors(self) -> tuple[Prior, ...]:
        """Its own parameters: the mean, if that is one, and the standard deviation."""
        return (self.mean, self.sd) if isinstance(self.mean, Prior) else (self.sd,)

    def chain(self) -> Iterator[Effect]:
        """The effects that it varies around, the coarsest first, and itself."""
        if isinstance(self.mean, Effect):
            yield from self.mean.chain()
        yield self

    def around(self, mean: Prior | Effect | Around) -> Effect:
        """The same effect around another mean."""
        return replace(self, mean=mean)

    def __add__(self, other: Effect | Predictor) -> Predictor:
        """Start a linear predictor."""
        return Predictor((self,)) + other


@dataclass(frozen=True)
class Predictor:
    """A linear predictor: the sum of its effects, each looked up by the labels of a row."""

    effects: tuple[Effect, ...]

    def __add__(self, other: Effect | Predictor) -> Predictor:
        """Add an effect, or several."""
        more = other.effects if isinstance(other, Predictor) else (other,)
        return Predictor((*self.effects, *more))

    @property
    def populations(self) -> tuple[Effect, ...]:
        """Its effects and those that they vary around, coarse before fine."""
        return tuple(dict.fromkeys(e for effect in self.effects for e in effect.chain()))
