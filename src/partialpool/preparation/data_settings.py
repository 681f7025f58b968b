"""The settings of preparation."""

from pydantic import PositiveFloat

from partialpool.parameters import Parameters


class DataSettings(Parameters):
    """How a raw screen becomes the modelling table.

    Attributes
    ----------
    drop_failed_qc
        Leave out rows whose ``passes_qc`` is false.
    drop_missing_lfc
        Leave out rows without a log fold change; if false, such a row is an error.
    cn_max
        Copy number above which ``gene_cn`` is clipped before it is scaled, copies.
    """

    drop_failed_qc: bool
    drop_missing_lfc: bool
    cn_max: PositiveFloat
