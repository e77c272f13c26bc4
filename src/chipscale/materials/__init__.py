"""Material values, each with the temperature it holds at, its source and how far that source was checked."""
