# The same model by restricted maximum likelihood: Rscript lme4.R MODEL TABLE ROUNDS.
# Point estimates of the effects (BLUPs) and of the variances; no intervals.
arguments <- commandArgs(trailingOnly = TRUE)
suppressPackageStartupMessages(library(lme4))
table <- read.csv(arguments[2], stringsAsFactors = TRUE)
formulas <- list(
  sgrna_in_gene = lfc ~ 1 + (1 | hugo_symbol) + (1 | sgrna),
  cell_line = lfc ~ 1 + (1 | hugo_symbol) + (1 | sgrna) + (1 | depmap_id)
)
seconds <- c()
for (round in seq_len(as.integer(arguments[3]))) {
  start <- proc.time()[["elapsed"]]
  fit <- suppressMessages(lmer(formulas[[arguments[1]]], data = table))
  estimates <- ranef(fit, condVar = FALSE)
  seconds <- c(seconds, proc.time()[["elapsed"]] - start)
}
cat(
  'RESULT {"seconds": [', paste(format(seconds, digits = 6), collapse = ", "), '], ',
  '"draws": "point estimates", "version": "lme4 ', as.character(packageVersion("lme4")), '"}\n',
  sep = ""
)
