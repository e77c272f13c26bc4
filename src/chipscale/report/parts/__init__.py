"""The sections of the report, one file each: they turn results into HTML."""
