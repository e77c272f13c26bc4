"""Files in which other tools take the package: Touchstone, SPICE, IBIS, matrices, lengths for KiCad."""
