"""Figures and times, each beside what was asked for."""
