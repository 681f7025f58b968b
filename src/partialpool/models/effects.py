r"""Effects: populations of values, with one value for each label of their dims.

An effect ``e`` over some dims has elements $e_j \sim \mathcal N(m_j, s)$. Its standard
deviation ``s`` is a parameter. Its mean ``m`` is

- a parameter (``mean=Normal("mu_gene")``): the elements vary around a common level;
- another effect over coarser dims (``mean=GENE``): guides vary around their gene;
- ``ZERO``: the elements vary around 0;
- ``ZERO_SUM``: the elements vary around 0 and sum to 0, so that another effect has the level.

Effects are added to a linear predictor: ``GUIDE + LINE``. An effect along a covariate is a slope.
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

#: Unit of measurements, and of effects that are not slopes.
LFC = "log2 fold change"
#: Words for effects and for the elements of dims in text, if these differ from their names.
CALLED = {"sgrna": "guide", "rna": "RNA"}
ELEMENTS = {
    "gene": "genes",
    "sgrna": "guides",
    "cell_line": "cell lines",
    "lineage": "lineages",
}


class DeclarationError(PartialpoolError, ValueError):
    """An effect or a model that is declared incorrectly."""

    @classmethod
    def of(cls, expected: str, got: str, fix: str) -> Self:
        """Make an error from the three parts of its message."""
        return cls(str(Problem(expected, got, fix)))


class Around(Enum):
    """Means that are not parameters."""

    ZERO = "zero"
    ZERO_SUM = "zero_sum"


ZERO: Final = Around.ZERO
ZERO_SUM: Final = Around.ZERO_SUM


@dataclass(frozen=True)
class Effect:
    r"""A population of values in the linear predictor, or around which other effects vary.

    Attributes
    ----------
    name
        Name of the variable, such as ``gene_effect``.
    over
        Its dim, or for an interaction, dims separated by blanks: ``"gene cell_line"``.
    mean
        What its elements vary around (see the module).
    sd
        Prior of their standard deviation.
    symbol
        Symbol in equations (LaTeX), such as ``\alpha_s``.
    meaning
        Meaning of a value, as a phrase: ``effect of losing the gene``.
    reading
        How to read its sign, as a sentence.
    along
        Covariate that it is multiplied by. The effect is then a slope.
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
        """Refuse an incorrect declaration."""
        dims = self.over.split()
        if not dims or len(set(dims)) < len(dims):
            raise DeclarationError.of(
                "one dim, or several different dims",
                f"{self.name} over {self.over!r}",
                "name each dim once",
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
                "a prior for positive values as sd",
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
        """Its term of the linear predictor, for tables and design matrices."""
        return Term(self.name, self.dims, self.along)

    @property
    def is_slope(self) -> bool:
        """Whether it is multiplied by a covariate."""
        return self.along is not None

    @property
    def label(self) -> str:
        """Its name in text, such as ``guide effect``."""
        what = self.name.removesuffix("_effect").replace("_", "-")
        return f"{CALLED.get(what, what)} effect"

    @property
    def title(self) -> str:
        """Heading of its figure, such as ``guide effects``."""
        return f"{self.label}s"

    @property
    def heading(self) -> str:
        """Heading of its table, such as ``Guides`` or, for slopes, ``RNA expression``."""
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
        """Its elements, in the plural, such as ``guides``."""
        return " x ".join(ELEMENTS.get(dim, f"labels of {dim}") for dim in self.dims)

    @property
    def unit(self) -> str:
        """Unit of its values."""
        per = COVARIATES[self.along].per if self.along else ""
        return f"{LFC} per {per}" if per else LFC

    @property
    def informed(self) -> str:
        """Measurements that inform the value of an element. Empty if all of them do."""
        return COVARIATES[self.along].informed if self.along else ""

    @property
    def hyper_symbol(self) -> str:
        """Subscript of the symbols of its mean and standard deviation (LaTeX)."""
        return self.symbol.partition("_")[0]

    @property
    def priors(self) -> tuple[Prior, ...]:
        """Its own parameters: the mean, if it is a parameter, and the standard deviation."""
        return (self.mean, self.sd) if isinstance(self.mean, Prior) else (self.sd,)

    def chain(self) -> Iterator[Effect]:
        """The effects that it varies around, coarsest first, and then itself."""
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
