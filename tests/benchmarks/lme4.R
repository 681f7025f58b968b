# The same model by restricted maximum likelihood: Rscript lme4.R MODEL TABLE ROUNDS.
# Point estimates of the effects (BLUPs) and of the variances; no intervals.
arguments <- commandArgs(trailingOnly = TRUE)
suppressPackageStartupMessages(library(lme4))
table <- read.csv(arguments[2], stringsAsFactors = TRUE)
formulas <- list(
  sgrna_in_gene = lfc ~ 1 + (1 | hugo_symbol) + (1 | sgrna),
  cell_line = lfc ~ 1 + (1 | hugo_symbol) + (1 | sgrna) + (1 | depmap_id)
)
times <- c()
for (round in seq_len(as.integer(arguments[3]))) {
  times <- rbind(times, system.time({
    fit <- suppressMessages(lmer(formulas[[arguments[1]]], data = table))
    estimates <- ranef(fit, condVar = FALSE)
  }))
}
listed <- function(numbers) paste0("[", paste(format(numbers, digits = 6), collapse = ", "), "]")
cat(
  'RESULT {"seconds": ', listed(times[, "elapsed"]),
  ', "cpu_seconds": ', listed(times[, "user.self"] + times[, "sys.self"]),
  ', "draws": "point estimates", "version": "lme4 ', as.character(packageVersion("lme4")), '"}\n',
  sep = ""
)
