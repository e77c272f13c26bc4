"""LAYOUT: assign, route, draw, check."""
