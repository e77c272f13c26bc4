"""DESCRIBE: what the user may write in a package file."""
