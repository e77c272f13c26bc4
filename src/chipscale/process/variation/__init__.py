"""How made packages differ: by lot, wafer, radius, die and feature; coplanarity, capability, influence, window."""
