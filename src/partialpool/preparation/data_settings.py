"""Settings of preparation."""

from pydantic import PositiveFloat

from partialpool.parameters import Parameters


class DataSettings(Parameters):
    """How a raw screen becomes the modelling table.

    Attributes
    ----------
    drop_failed_qc
        Whether to leave out rows whose ``passes_qc`` is false.
    drop_missing_lfc
        Whether to leave out rows without a log fold change. If false, such a row is an error.
    cn_max
        Number of copies at which ``gene_cn`` is clipped before it is scaled.
    """

    drop_failed_qc: bool
    drop_missing_lfc: bool
    cn_max: PositiveFloat
