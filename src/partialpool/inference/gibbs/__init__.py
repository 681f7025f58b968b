"""The blocked Gibbs sampler of the dependency model, compiled with numba."""
