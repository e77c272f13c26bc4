"""The package families: each turns a package file into a valid Package."""
