"""The templates as they are built: what they share, and a module for each."""
