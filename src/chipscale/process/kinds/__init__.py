"""The kinds of steps, one small plugin each."""
