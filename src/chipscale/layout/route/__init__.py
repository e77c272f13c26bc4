"""The redistribution router: legal, short wires for every net on one layer."""
