"""STACK: bodies in space, made by the flow; sections, volumes, GLB and STEP are read from it."""
