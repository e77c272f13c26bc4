"""Heat: from the junction through the balls into the board and the air."""
