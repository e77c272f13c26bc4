"""Numerics: SI arrays in, SI arrays out; nothing here knows what a package is."""
