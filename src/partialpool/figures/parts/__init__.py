"""Code that several figures share: style, words, rows, densities, boxes."""
