"""ASK: what the board needs to carry the package: land pattern, names, footprint, symbol, ball list."""
