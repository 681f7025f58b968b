"""MLflow's record of every run and every fit."""
