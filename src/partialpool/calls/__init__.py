"""From posterior to answers: QC, hits, classes of genes, differential dependency."""
