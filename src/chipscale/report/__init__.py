"""Reports, figures and drawings: they read results and never compute."""
