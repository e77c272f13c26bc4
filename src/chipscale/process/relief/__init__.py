"""The relief of the workpiece: open room above it, walls, what is filled, followed and cut."""
