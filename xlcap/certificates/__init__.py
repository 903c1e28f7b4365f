"""The certificates shipped, one TOML file each."""
