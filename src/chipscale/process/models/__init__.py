"""The physics behind the steps, each model with its source and range."""
