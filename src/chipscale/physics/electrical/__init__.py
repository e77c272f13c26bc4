"""Electrical behaviour of the nets: resistance, inductance, capacitance, supply drop, models for other tools."""
