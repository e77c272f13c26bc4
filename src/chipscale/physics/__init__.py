"""What the package does: current, heat, force and water in it."""
