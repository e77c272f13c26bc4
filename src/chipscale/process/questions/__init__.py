"""What may be asked of a flow: built against drawn, bow, resist, the steps as a table, the film."""
