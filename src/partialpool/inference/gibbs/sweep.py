"""One sweep of the sampler, which draws from every conditional distribution once."""

from partialpool.inference.gibbs.genes import (
    draw_deviations,
    draw_guides,
    draw_toxicity,
    summarise_cells,
    weigh_cells,
)
from partialpool.inference.gibbs.lines import draw_lines, draw_scales, gather_moments
from partialpool.inference.gibbs.noise import draw_count_noise, draw_noise, refine
from partialpool.inference.gibbs.populations import (
    draw_genes,
    draw_means,
    draw_populations,
    shift_level,
    shift_noise,
)


def sweep(rng, measured, numbers, state, cells, moments, refined, widths):  # type: ignore[no-untyped-def]
    """Update ``state`` by one sweep; ``cells`` and ``moments`` are work arrays.

    ``refined`` contains the deviations that are drawn again, and ``widths`` those of their slices.
    This function is not compiled, because all the others would be compiled into it once more. A
    call from Python takes some microseconds, a sweep of a real screen milliseconds.
    """
    noise_varies = numbers.noise_df > 0
    if len(measured.count_variance) > 0:
        draw_count_noise(rng, measured, state, cells, noise_varies)
    summarise_cells(measured, state, cells)
    weigh_cells(measured, state, cells, noise_varies)
    draw_guides(rng, measured, state, cells)
    if len(state.toxicity) > 0:
        draw_toxicity(rng, measured, state, cells, numbers.segment_sd)
    draw_deviations(rng, state, cells, numbers.delta_df)
    draw_noise(rng, measured, state, cells, numbers.noise_df)
    if numbers.delta_df > 0 and noise_varies:
        refine(rng, measured, state, cells, refined, widths, numbers.delta_df, numbers.noise_df)
    draw_scales(rng, measured, state, cells)
    gather_moments(measured, state, cells, noise_varies, moments)
    draw_lines(rng, measured, state, moments, numbers.level_sd)
    draw_means(rng, measured, state, numbers)
    draw_genes(rng, measured, state, numbers.affected_df)
    shift_level(rng, measured, state, numbers)
    shift_noise(rng, state, numbers)
    draw_populations(rng, measured, state, numbers)
