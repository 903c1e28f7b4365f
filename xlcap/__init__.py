"""xlcap: what a share of convertible preferred stock converts into, earns and is paid, clause by clause."""

__version__ = "0.1.0"
