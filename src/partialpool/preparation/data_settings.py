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
    merge_labels
        Whether to merge labels that differ only in case, in blanks at the ends, or in an Entrez id.
        If false, they are an error.
    drop_copies
        Whether to leave out replicates whose measurements equal those of an earlier one. If false,
        they are an error.
    cn_max
        Number of copies at which ``gene_cn`` is clipped before it is scaled.
    """

    drop_failed_qc: bool
    drop_missing_lfc: bool
    merge_labels: bool
    drop_copies: bool
    cn_max: PositiveFloat
