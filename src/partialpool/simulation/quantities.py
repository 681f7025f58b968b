"""Types of bounded numbers, for the settings of the simulations."""

from typing import Annotated

from pydantic import Field

from partialpool.parameters import Seed

__all__ = ["Count", "Fraction", "Positive", "PositiveFraction", "Real", "Seed", "Spread"]

Count = Annotated[int, Field(gt=0)]
Real = Annotated[float, Field(allow_inf_nan=False)]
Spread = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
PositiveFraction = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
