"""chipscale: from a row of pads to a verified chip-scale package, its masks and its record."""
